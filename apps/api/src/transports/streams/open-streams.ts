import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { BackendUnavailableError, EmbeddingService, type EmbeddingStream } from '@sutra-embedder/engine';
import type { Configuration } from '../../config/configuration';
import { InjectConfiguration } from '../../config/configuration.token';
import { checkFormat, grantedBuffer, type StreamSettings } from './stream-settings';

export const STREAM_TRANSPORTS = ['rest', 'grpc', 'ws'] as const;
export type StreamTransport = (typeof STREAM_TRANSPORTS)[number];

/** Of the grace: the rest is for telling those that did not finish. */
const FINISHING_SHARE = 0.9;

interface OpenStream {
  readonly transport: StreamTransport;
  /** Told once when the server shuts down: takes no more texts, and finishes. */
  readonly onShutdown: () => void;
}

/** What a stream is told that does not get all of its texts served any more. */
export function shuttingDown(): BackendUnavailableError {
  return new BackendUnavailableError('The server is shutting down; send the rest to another, or later');
}

/** Knows every stream that is open, so that they can be counted, and finished when the server shuts down. */
@Injectable()
export class OpenStreams implements BeforeApplicationShutdown {
  private readonly open = new Map<EmbeddingStream, OpenStream>();
  private readonly waiting = new Set<() => void>();
  private closing = false;

  constructor(
    private readonly embeddings: EmbeddingService,
    @InjectConfiguration() private readonly configuration: Configuration,
  ) {}

  /**
   * Opens a stream; whoever opens it closes it.
   * @param onShutdown for streams whose texts are still coming: end the stream
   * @throws EngineError where no text of such a stream could be served
   */
  async openStream(
    transport: StreamTransport,
    settings: StreamSettings,
    onShutdown: () => void = () => undefined,
  ): Promise<EmbeddingStream> {
    if (this.closing) throw shuttingDown();
    const bufferSize = grantedBuffer(settings.bufferSize, this.configuration.maxStreamBuffer);
    const stream = await this.embeddings.openStream(settings.request, bufferSize);
    checkFormat(settings.format, stream.plan.quantization);
    this.open.set(stream, { transport, onShutdown });
    return stream;
  }

  /** Cancels what of the stream is still in work. */
  close(stream: EmbeddingStream, reason?: Error): void {
    stream.cancel(reason);
    if (this.open.delete(stream)) for (const wake of this.waiting) wake();
  }

  count(transport?: StreamTransport): number {
    if (transport === undefined) return this.open.size;
    let count = 0;
    for (const one of this.open.values()) if (one.transport === transport) count++;
    return count;
  }

  /** Texts that were added to streams and have not reached their readers. */
  get unread(): number {
    let unread = 0;
    for (const stream of this.open.keys()) unread += stream.unread;
    return unread;
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.finish();
  }

  /**
   * No stream is opened any more; those that are get most of the grace to finish, then end with an error that says why.
   * Every transport may ask for it: Nest runs the hooks of its modules one after the other.
   */
  async finish(): Promise<void> {
    if (!this.closing) {
      this.closing = true;
      for (const { onShutdown } of this.open.values()) onShutdown();
    }
    const timer = setTimeout(() => {
      for (const stream of this.open.keys()) this.close(stream, shuttingDown());
    }, this.configuration.shutdownGraceMs * FINISHING_SHARE);
    while (this.open.size > 0) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.waiting.delete(wake);
          resolve();
        };
        this.waiting.add(wake);
      });
    }
    clearTimeout(timer);
  }
}
