import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { BackendUnavailableError, EmbeddingService, type EmbeddingStream } from '@sutra-embedder/engine';
import type { Configuration } from '../../config/configuration';
import { InjectConfiguration } from '../../config/configuration.token';
import { checkFormat, type StreamSettings } from './stream-settings';

export const STREAM_TRANSPORTS = ['rest', 'grpc', 'ws'] as const;
export type StreamTransport = (typeof STREAM_TRANSPORTS)[number];

/** Of the grace: the rest is for telling those that did not finish. */
const FINISHING_SHARE = 0.9;

/** Knows every stream that is open, so that they can be counted, and finished when the server shuts down. */
@Injectable()
export class OpenStreams implements BeforeApplicationShutdown {
  private readonly open = new Map<EmbeddingStream, StreamTransport>();
  private onClosed: (() => void) | undefined;

  constructor(
    private readonly embeddings: EmbeddingService,
    @InjectConfiguration() private readonly configuration: Configuration,
  ) {}

  /**
   * Opens a stream; whoever opens it closes it.
   * @throws EngineError where no text of such a stream could be served
   */
  async openStream(transport: StreamTransport, settings: StreamSettings): Promise<EmbeddingStream> {
    const stream = await this.embeddings.openStream(settings.request, settings.bufferSize);
    checkFormat(settings.format, stream.plan.quantization);
    this.open.set(stream, transport);
    return stream;
  }

  /** Cancels what of the stream is still in work. */
  close(stream: EmbeddingStream, reason?: Error): void {
    stream.cancel(reason);
    if (this.open.delete(stream)) this.onClosed?.();
  }

  count(transport?: StreamTransport): number {
    if (transport === undefined) return this.open.size;
    let count = 0;
    for (const one of this.open.values()) if (one === transport) count++;
    return count;
  }

  /** Texts that were added to streams and have not reached their readers. */
  get unread(): number {
    let unread = 0;
    for (const stream of this.open.keys()) unread += stream.unread;
    return unread;
  }

  /** Streams get the grace to finish, then end with an error that says why. */
  async beforeApplicationShutdown(): Promise<void> {
    const timer = setTimeout(() => {
      for (const stream of this.open.keys()) {
        this.close(
          stream,
          new BackendUnavailableError('The server is shutting down; send the rest to another, or later'),
        );
      }
    }, this.configuration.shutdownGraceMs * FINISHING_SHARE);
    while (this.open.size > 0) await new Promise<void>((resolve) => (this.onClosed = resolve));
    clearTimeout(timer);
  }
}
