import {
  CancelledError,
  EngineError,
  InvalidArgumentError,
  type EmbedGate,
  type Principal,
} from '@sutra-embedder/engine';
import type { Calls } from '../../telemetry/calls';
import type { OpenStreams } from '../streams/open-streams';
import { toEngineError } from '../streams/to-engine-error';
import { toStreamSettings } from '../streams/stream-settings';
import type { Connection } from './connection';
import type { AckDto, AddChunkDto, StreamEmbedDto } from './payloads.dto';
import { errorMessage, response } from './protocol';
import { SessionStream } from './session-stream';

/** A vector that was sent and is not acknowledged. */
interface Sent {
  readonly bytes: Buffer;
  readonly from: SessionStream;
}

/** What a session needs of the server it belongs to. */
export interface SessionServices {
  readonly streams: OpenStreams;
  readonly calls: Calls;
  onError(error: EngineError, requestId: string): void;
  now(): number;
}

/**
 * What a client has open, apart from the connection it came over: it survives that connection for a while. Vectors leave
 * in the order they are finished; one counts as read when the operating system has it, or, for a client that acknowledges,
 * when it is acknowledged.
 */
export class Session {
  lastActivity: number;
  /** When its connection was lost; undefined while it has one. */
  detachedAt: number | undefined;
  private connection: Connection | undefined;
  private current: SessionStream | undefined;
  private opening = false;
  private acknowledges = false;
  private sent: Map<string, Sent> | undefined;
  private onAttached: (() => void) | undefined;
  private disposed = false;
  private processed = 0;
  private latencyMs = 0;

  constructor(
    readonly id: string,
    readonly principal: Principal,
    /** Longest text of a chunk, in UTF-16 code units as JavaScript counts them. */
    readonly maxChunkSize: number,
    private readonly services: SessionServices,
  ) {
    this.lastActivity = services.now();
  }

  /** Whether anything would be lost if it ended with its connection. */
  get worthKeeping(): boolean {
    return this.current !== undefined || (this.sent?.size ?? 0) > 0;
  }

  get streaming(): boolean {
    return this.current !== undefined;
  }

  /** Takes over from the connection it had, which is returned, and replays what was not acknowledged. */
  attach(connection: Connection): Connection | undefined {
    const before = this.connection;
    this.connection = connection;
    this.detachedAt = undefined;
    for (const { bytes } of this.sent?.values() ?? []) connection.send(bytes);
    this.onAttached?.();
    return before;
  }

  /** @returns whether it was this session's connection */
  detach(connection: Connection): boolean {
    if (this.connection !== connection) return false;
    this.connection = undefined;
    this.detachedAt = this.services.now();
    return true;
  }

  /** @param gate whom its texts are charged to */
  async streamEmbed(
    { config, metadata = {} }: StreamEmbedDto,
    messageId: string,
    gate: EmbedGate | undefined,
  ): Promise<void> {
    if (this.current || this.opening)
      throw new InvalidArgumentError('This session has a stream open; end it with is_final before the next', {
        field: 'action',
      });
    if (metadata.session_id !== undefined && metadata.session_id !== this.id)
      throw new InvalidArgumentError('metadata.session_id is not the id of this session', {
        field: 'metadata.session_id',
      });
    this.opening = true;
    const call = this.connection && this.services.calls.within(this.connection.call, 'stream_embed');
    try {
      const settings = toStreamSettings(config, undefined, { principal: this.principal, gate, observer: call });
      const stream = await this.services.streams.openStream('ws', settings, () => this.stop());
      if (this.disposed) {
        call?.end('closed');
        return this.services.streams.close(stream);
      }
      // What the last stream sent and was never acknowledged is not replayed any more.
      this.sent = undefined;
      this.current = new SessionStream(stream, settings, messageId, metadata, call);
    } catch (error) {
      call?.failed(toEngineError(error));
      call?.end('error');
      throw error;
    } finally {
      this.opening = false;
    }
    this.connection?.send(response(messageId, this.current.started()));
    void this.deliverAll(this.current);
  }

  addChunk(chunk: AddChunkDto, messageId: string): void {
    const { current } = this;
    if (!current) throw new InvalidArgumentError('No stream is open; send stream_embed first', { field: 'action' });
    if (chunk.text.length > this.maxChunkSize)
      throw new EngineError(
        'PAYLOAD_TOO_LARGE',
        `text has ${chunk.text.length} characters; at most ${this.maxChunkSize}`,
        {
          details: { field: 'text', max_chunk_size: this.maxChunkSize },
        },
      );
    if (current.knows(chunk.chunk_id))
      throw new InvalidArgumentError(`chunk_id "${chunk.chunk_id}" was already sent in this stream`, {
        field: 'chunk_id',
      });
    current.add(chunk, messageId);
  }

  /** @returns how many of them were waiting for it */
  acknowledge({ chunk_ids }: AckDto): number {
    this.acknowledges = true;
    let count = 0;
    for (const id of chunk_ids) {
      const sent = this.sent?.get(id);
      if (!sent) continue;
      this.sent?.delete(id);
      sent.from.stream.release();
      count++;
    }
    return count;
  }

  /** The specification's ConnectionState. */
  state(): object {
    const stream = this.current?.stream;
    return {
      session_id: this.id,
      is_streaming: this.streaming,
      buffer_utilization: stream ? stream.unread / stream.bufferSize : 0,
      chunks_processed: this.processed,
      average_latency_ms: this.processed === 0 ? 0 : Math.round((this.latencyMs / this.processed) * 1000) / 1000,
      last_activity: new Date(this.lastActivity).toISOString(),
    };
  }

  /** The server shuts down: what was accepted is finished, nothing more is read. */
  private stop(): void {
    this.connection?.hold();
    // Nobody will come back to this server for what it has not read.
    if (!this.connection) return this.dispose();
    this.acknowledges = false;
    this.current?.stop();
  }

  /** Ends for good. */
  dispose(reason: Error = new CancelledError()): void {
    this.disposed = true;
    this.sent = undefined;
    if (this.current) this.services.streams.close(this.current.stream, reason);
    this.onAttached?.();
  }

  private async deliverAll(current: SessionStream): Promise<void> {
    const { stream } = current;
    try {
      for (let outcome = await stream.next(); outcome; outcome = await stream.next()) {
        const label = current.labelOf(outcome.index);
        if (outcome.error) {
          const error = this.report(outcome.error, current);
          if (error.retryAfterMs !== undefined) current.putBack(label);
          await this.deliver(errorMessage(error, label.messageId, label.chunkId));
          stream.release();
          continue;
        }
        this.processed++;
        this.latencyMs += outcome.item.latencyMs;
        const bytes = current.write(outcome, label, new Date());
        if (this.acknowledges) {
          // Before it is sent: the acknowledgement may be here before the write has called back.
          (this.sent ??= new Map()).set(label.chunkId, { bytes, from: current });
          // Where there is no connection, the next one gets it when it attaches.
          await this.connection?.write(bytes);
        } else {
          await this.deliver(bytes);
          stream.release();
        }
      }
      await this.deliver(response(current.messageId, current.completed()));
      current.call?.end('completed');
    } catch (error) {
      if (!this.disposed) this.connection?.send(errorMessage(this.report(error, current), current.messageId));
    } finally {
      current.call?.end(this.disposed ? 'closed' : 'error');
      this.services.streams.close(stream);
      this.current = undefined;
    }
  }

  /** Waits for a connection that takes it. */
  private async deliver(data: string | Buffer): Promise<void> {
    for (;;) {
      if (this.disposed) throw new CancelledError();
      const { connection } = this;
      if (connection && (await connection.write(data))) return;
      if (this.disposed || (this.connection && this.connection !== connection)) continue;
      await new Promise<void>((resolve) => (this.onAttached = resolve));
    }
  }

  private report(thrown: unknown, { call }: SessionStream): EngineError {
    const error = toEngineError(thrown);
    call?.failed(error);
    this.services.onError(error, call?.start.requestId ?? 'no connection');
    return error;
  }
}
