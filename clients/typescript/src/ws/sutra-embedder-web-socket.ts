import { webSocketUrl } from '../base-url.ts';
import { decodeStreamed } from '../decode-vector.ts';
import { environmentVariable } from '../environment.ts';
import { apiErrorOf, ConnectionError, type SutraEmbedderError } from '../errors.ts';
import { isTransient } from '../retry.ts';
import { checkServerVersion } from '../version.ts';
import type { EncodingFormat, StreamingConfig, WebSocketSummary } from '../wire.ts';
import { chunksOf } from './chunks-of.ts';
import { ChunkLedger, type Chunk } from './chunk-ledger.ts';
import { ChunkRun, type StreamedChunk } from './chunk-run.ts';
import { Connection } from './connection.ts';
import type {
  ClosedEvent,
  ConnectionState,
  ErrorResponse,
  OpenEvent,
  RequestPayload,
  StreamingEmbeddingResponse,
  WebSocketEventHandlers,
  WebSocketMessage,
} from './messages.ts';
import { newId } from './new-id.ts';
import { platformSocket, type SocketClass } from './socket.ts';

export const PROTOCOL_VERSION = '1.0';
const DEFAULT_BUFFER_SIZE = 100;
/** How long to wait before the server is asked again for what it could not do, where it does not say. */
const DEFAULT_WAIT_MS = 1000;

export interface WebSocketOptions {
  /** Sent in the handshake, for browsers cannot set headers. Default: SUTRA_API_KEY, else none. */
  readonly apiKey?: string;
  /** First wait before a reconnection in milliseconds; doubled each time. Default 1000. */
  readonly reconnectBaseMs?: number;
  /** Longest wait before a reconnection in milliseconds. Default 30,000. */
  readonly reconnectMaxMs?: number;
  /** Reconnections without success, after a first connection, before giving up. Default: never. */
  readonly maxReconnects?: number;
  /** Attempts at the first connection before giving up: about 15 s. Default 5. */
  readonly connectAttempts?: number;
  /** How long the server may be silent before it is asked for a sign of life, in milliseconds. Default 30,000. */
  readonly heartbeatMs?: number;
  /** In place of the platform's WebSocket. */
  readonly WebSocket?: SocketClass;
}

/** What waits on this side and on the server's. */
export interface BufferState {
  /** Added and not sent. */
  readonly queued: number;
  /** Sent and not answered. */
  readonly inFlight: number;
  /** Answered, and not taken by the loop that reads them. */
  readonly untaken: number;
  /** Most that the server holds: buffer_size. */
  readonly capacity: number;
  /** (inFlight + untaken) / capacity, 0 to 1. */
  readonly utilization: number;
}

/**
 * A streaming session. It connects at once, and again when the connection is lost, with waits that double to 30 s;
 * chunks that were not answered then go out again, and each vector is given exactly once.
 *
 * By handlers: startStreaming, then addTextChunk; vectors come to onMessage. Or by iteration: `for await` over embed().
 */
export class SutraEmbedderWebSocket {
  private readonly ledger = new ChunkLedger(DEFAULT_BUFFER_SIZE);
  private readonly connection: Connection;
  private readonly apiKey: string | undefined;
  private id = newId('session');
  private phase: 'connecting' | 'greeting' | 'ready' | 'closed' = 'connecting';
  /** Of the stream that is open on this side. */
  private config: StreamingConfig | undefined;
  /** What the server made of it: it names the model's own length and scheme. */
  private agreed: StreamingConfig = {};
  /** Id of the message that opened the stream on the server's side; undefined where none is. */
  private opening: string | undefined;
  private confirmed = false;
  /** The server has not yet said that the stream before is over. */
  private finishing = false;
  /** A stream is open on the server's side that nobody will end: the next one needs another session. */
  private abandoned = false;
  private run: ChunkRun<EncodingFormat> | undefined;
  private nextPosition = 0;
  /** The final chunk was added. */
  private ended = false;
  private pausedUntil = 0;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private acks: string[] = [];
  private room: () => void = () => undefined;
  private readonly stateRequests: ((state: ConnectionState) => void)[] = [];
  private closing: (() => void) | undefined;
  private announcing = false;
  private processed = 0;
  private latencySum = 0;
  private lastActivity = new Date();

  /**
   * @param address of the server's /v1/ws, e.g. `ws://127.0.0.1:8080/v1/ws`, or of the server, as SutraEmbedder takes it.
   * Default: SUTRA_BASE_URL, else loopback
   * @throws TypeError where it is no URL
   */
  constructor(
    address?: string,
    private readonly handlers: WebSocketEventHandlers = {},
    options: WebSocketOptions = {},
  ) {
    const url = webSocketUrl(address);
    this.apiKey = options.apiKey ?? environmentVariable('SUTRA_API_KEY');
    this.connection = new Connection(
      {
        url,
        socketClass: options.WebSocket ?? platformSocket(),
        reconnectBaseMs: options.reconnectBaseMs ?? 1000,
        reconnectMaxMs: options.reconnectMaxMs ?? 30_000,
        maxReconnects: options.maxReconnects ?? Infinity,
        connectAttempts: options.connectAttempts ?? 5,
        heartbeatMs: options.heartbeatMs ?? 30_000,
        random: Math.random,
      },
      {
        opened: (event) => this.opened(event),
        failed: (reason) =>
          this.handlers.onError?.(errorMessage(new ConnectionError(`The connection to ${url} failed: ${reason}`))),
        received: (message) => this.received(message),
        closed: (event) => this.closed(event),
        gaveUp: (attempts) => this.fail(new ConnectionError(`${url} could not be reached in ${attempts + 1} attempts`)),
      },
    );
  }

  /** Names the session on the server. */
  get sessionId(): string {
    return this.id;
  }

  /** Buffers on both sides. */
  get buffer(): BufferState {
    const { waiting, inFlight, occupied, limit } = this.ledger;
    return {
      queued: waiting,
      inFlight,
      untaken: occupied - inFlight,
      capacity: limit,
      utilization: Math.min(1, occupied / limit),
    };
  }

  /** The session as this side sees it. */
  get state(): ConnectionState {
    return {
      session_id: this.id,
      is_streaming: this.config !== undefined,
      buffer_utilization: this.buffer.utilization,
      chunks_processed: this.processed,
      average_latency_ms: this.processed === 0 ? 0 : this.latencySum / this.processed,
      last_activity: this.lastActivity.toISOString(),
    };
  }

  /**
   * Begins a stream. The connection need not stand yet.
   * @throws Error where one is open: it ends with the chunk that is final
   */
  startStreaming(config: StreamingConfig = {}): void {
    this.assertOpen();
    if (this.config) throw new Error('A stream is open on this session; its final chunk ends it');
    this.config = config;
    this.ended = false;
    this.nextPosition = 0;
    this.ledger.resize(config.buffer_size ?? DEFAULT_BUFFER_SIZE);
    if (this.abandoned) this.renew();
    this.advance();
  }

  /**
   * Adds a text to the stream. It is sent when the connection stands and the server's buffer has room; `buffer.queued`
   * says how many wait for that.
   * @returns the chunk's id, which comes back with its vector
   */
  addTextChunk(text: string, isFinal = false): string {
    this.assertOpen();
    if (!this.config) throw new Error('Call startStreaming before the first chunk');
    if (this.ended) throw new Error('The final chunk was added; startStreaming begins the next stream when it is done');
    this.ended = isFinal;
    const chunkId = newId('chunk');
    this.ledger.add({ chunkId, text, isFinal, position: this.nextPosition++ });
    this.advance();
    return chunkId;
  }

  /** The session as the server sees it. */
  requestState(): Promise<ConnectionState> {
    this.assertOpen();
    return new Promise((resolve) => {
      this.stateRequests.push(resolve);
      if (this.phase === 'ready') this.send({ action: 'state' });
    });
  }

  /**
   * Streams texts and gives their vectors as they are ready, each exactly once, whatever happens to the connection.
   * Reading slowly slows the source. Leaving the loop ends the stream.
   */
  async *embed<F extends EncodingFormat = 'base64'>(
    texts: Iterable<string> | AsyncIterable<string>,
    config: StreamingConfig<F> = {},
  ): AsyncGenerator<StreamedChunk<F>, void, undefined> {
    this.startStreaming({ ...config, encoding_format: config.encoding_format ?? 'base64' });
    const run = new ChunkRun<F>();
    this.run = run as ChunkRun<EncodingFormat>;
    void this.feed(texts, run);
    try {
      for (let next = await run.take(); next; next = await run.take()) {
        this.taken(next.chunkId);
        yield next;
      }
    } finally {
      this.run = undefined;
      // Where no final chunk ended it, the stream stays open on the server.
      this.abandoned = !this.finishing && this.opening !== undefined;
      this.config = undefined;
      this.ledger.clear();
      this.room();
    }
  }

  /** Ends the session. Resolves when the connection is closed. */
  close(): Promise<void> {
    if (this.phase === 'closed') return Promise.resolve();
    this.sendAcks();
    const standing = this.phase !== 'connecting';
    this.end();
    return new Promise((resolve) => {
      this.closing = resolve;
      this.connection.close();
      if (!standing) resolve();
    });
  }

  private async feed(texts: Iterable<string> | AsyncIterable<string>, run: ChunkRun<never>): Promise<void> {
    try {
      for await (const { text, isFinal } of chunksOf(texts)) {
        while (this.run === run && this.ledger.size >= this.ledger.limit) {
          await new Promise<void>((resolve) => (this.room = resolve));
        }
        if (this.run !== run) return;
        run.expect();
        this.addTextChunk(text, isFinal);
      }
      run.end();
    } catch (error) {
      run.endFailed(error);
    }
  }

  private opened(event: OpenEvent): void {
    this.phase = 'greeting';
    this.send({
      action: 'handshake',
      session_id: this.id,
      protocol_version: PROTOCOL_VERSION,
      ...(this.apiKey !== undefined && { api_key: this.apiKey }),
      client_capabilities: { supports_compression: false },
    });
    this.handlers.onOpen?.(event);
  }

  private received(message: WebSocketMessage): void {
    this.lastActivity = new Date();
    const { payload } = message;
    if (message.type === 'error') return this.refused(message as ErrorResponse);
    if (message.type !== 'response') return;
    if ('embedding' in payload) return this.answered(message as StreamingEmbeddingResponse);
    switch (payload['action']) {
      case 'handshake':
        return this.greeted(payload);
      case 'state':
        return this.stateRequests.shift()?.(payload['state'] as ConnectionState);
      case 'stream_embed':
        return payload['status'] === 'completed' ? this.completed(payload) : this.started(payload);
    }
  }

  private greeted(payload: WebSocketMessage['payload']): void {
    try {
      checkServerVersion(payload['server_version'] as string | undefined);
    } catch (error) {
      return this.fail(error as SutraEmbedderError);
    }
    this.phase = 'ready';
    this.connection.confirm();
    if (payload['resumed'] !== true) {
      this.opening = undefined;
      this.finishing = this.abandoned = false;
    } else if (!this.confirmed) {
      // Whether the server ever had the message is not known; that the stream is open already is no error then.
      this.opening = undefined;
    }
    for (const _ of this.stateRequests) this.send({ action: 'state' });
    this.advance();
  }

  private started(payload: WebSocketMessage['payload']): void {
    this.confirmed = true;
    this.agreed = { ...(payload['config'] as StreamingConfig | undefined) };
    if (this.agreed.buffer_size !== undefined) this.ledger.resize(this.agreed.buffer_size);
    this.advance();
  }

  private completed(payload: WebSocketMessage['payload']): void {
    this.opening = undefined;
    if (this.finishing) {
      this.finishing = false;
      this.handlers.onSummary?.(payload['summary'] as WebSocketSummary);
      return this.advance();
    }
    // The server ended the stream before its final chunk: it is shutting down, and another one will take the rest.
    this.ledger.putAllBack();
    this.waitBefore(DEFAULT_WAIT_MS);
  }

  private answered(message: StreamingEmbeddingResponse): void {
    const { chunk_id: chunkId, embedding, metadata } = message.payload;
    const chunk = this.ledger.get(chunkId);
    // Unknown here: it was taken before, and the acknowledgment got lost.
    if (!chunk) return this.acknowledge(chunkId);
    if (!this.ledger.answer(chunkId)) return;
    this.processed++;
    this.latencySum += metadata.latency_ms;
    if (this.run && this.config) {
      try {
        const vector = decodeStreamed(embedding, metadata, { ...this.config, ...this.agreed });
        const { text, position: index } = chunk;
        this.run.arrive({ index, chunkId, text, embedding: vector, metadata });
      } catch (error) {
        this.run.fail(error);
      }
    } else {
      this.handlers.onMessage?.(message);
      this.taken(chunkId);
    }
    if (chunk.isFinal) this.finished();
    this.announce();
  }

  /** All chunks of the stream were answered, the final one last. */
  private finished(): void {
    this.finishing = this.opening !== undefined;
    this.config = undefined;
  }

  /** The vector is with the application: the server need not keep it. */
  private taken(chunkId: string): void {
    this.ledger.settle(chunkId);
    this.acknowledge(chunkId);
    this.room();
    this.advance();
  }

  private refused(error: ErrorResponse): void {
    const {
      error_code: code,
      error_message: message,
      chunk_id: chunkId,
      retry_after_ms: wait,
      details,
    } = error.payload;
    const failure = apiErrorOf(code, { status: 0, message, chunkId, details, retryAfterMs: wait });
    if (this.phase === 'greeting') return this.fail(failure, error);
    const chunk = chunkId === undefined ? undefined : this.ledger.get(chunkId);
    const ofStream = error.id === this.opening;
    if ((chunk || ofStream) && isTransient(failure)) {
      if (chunk) this.ledger.putBack(chunk.chunkId);
      else this.streamLost();
      return this.waitBefore(wait ?? DEFAULT_WAIT_MS);
    }
    // Sent again after a reconnection, and the server had it: its vector will come, or has come meanwhile.
    if (details?.['field'] === 'chunk_id' || (chunkId !== undefined && !chunk)) return;
    if (ofStream && details?.['field'] === 'action') {
      this.confirmed = true;
      return this.advance();
    }
    if (chunk) this.ledger.settle(chunk.chunkId);
    if (ofStream) {
      this.streamLost();
      this.config = undefined;
      this.ledger.clear();
    } else if (chunk?.isFinal) {
      // It was not taken, so the stream is still open there.
      this.abandoned = true;
      this.config = undefined;
    }
    this.run?.fail(failure);
    this.handlers.onError?.(error);
    this.room();
    this.advance();
  }

  /** The server has no stream any more: what was not answered goes into the next one. */
  private streamLost(): void {
    this.opening = undefined;
    this.ledger.putAllBack();
  }

  /** Holds back what is to be sent. */
  private waitBefore(ms: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, Date.now() + ms);
    clearTimeout(this.pause);
    this.pause = setTimeout(() => {
      this.pausedUntil = 0;
      this.advance();
    }, this.pausedUntil - Date.now());
    this.announce();
  }

  /** Sends whatever may be sent now. */
  private advance(): void {
    this.announce();
    if (this.phase !== 'ready' || !this.config || this.finishing || Date.now() < this.pausedUntil) return;
    if (this.opening === undefined) {
      this.confirmed = false;
      this.opening = this.send({
        action: 'stream_embed',
        config: this.config,
        metadata: { session_id: this.id },
      });
      // What no client acknowledges is not replayed; this says from the start that this one does.
      this.send({ action: 'ack', chunk_ids: [this.id] });
    }
    for (const chunk of this.ledger.send()) this.send(addChunk(chunk));
  }

  /** Another session on another connection: the way out of a stream that cannot be ended. */
  private renew(): void {
    this.id = newId('session');
    this.abandoned = false;
    this.opening = undefined;
    this.phase = this.phase === 'closed' ? 'closed' : 'connecting';
    this.connection.restart();
  }

  /** One message for all that were taken in this turn of the event loop. */
  private acknowledge(chunkId: string): void {
    if (this.acks.push(chunkId) === 1) setTimeout(() => this.sendAcks(), 0);
  }

  private sendAcks(): void {
    if (this.acks.length === 0 || this.phase !== 'ready') return;
    this.send({ action: 'ack', chunk_ids: this.acks });
    this.acks = [];
  }

  private send(payload: RequestPayload): string {
    return this.connection.send('request', payload);
  }

  private closed(event: ClosedEvent): void {
    if (this.phase !== 'closed') this.phase = 'connecting';
    // Vectors whose acknowledgment is lost come again, and are acknowledged again.
    this.acks = [];
    this.ledger.putAllBack();
    this.handlers.onClose?.(event);
    this.closing?.();
    this.announce();
  }

  /** Nothing more can be had from this session. */
  private fail(error: SutraEmbedderError, message?: ErrorResponse): void {
    if (this.phase === 'closed') return;
    this.run?.fail(error);
    this.handlers.onError?.(message ?? errorMessage(error));
    this.end();
    this.connection.close();
  }

  private end(): void {
    this.phase = 'closed';
    clearTimeout(this.pause);
    this.run?.fail(new ConnectionError('The session was closed'));
    this.room();
    this.announce();
  }

  private announce(): void {
    if (!this.handlers.onStateChange || this.announcing) return;
    this.announcing = true;
    setTimeout(() => {
      this.announcing = false;
      this.handlers.onStateChange?.(this.state);
    }, 0);
  }

  private assertOpen(): void {
    if (this.phase === 'closed') throw new ConnectionError('The session is closed; make a new one');
  }
}

function addChunk({ chunkId, text, position, isFinal }: Chunk): RequestPayload {
  return { action: 'add_chunk', chunk_id: chunkId, text, position, is_final: isFinal };
}

function errorMessage({ code, message }: SutraEmbedderError): ErrorResponse {
  return {
    id: newId('msg'),
    type: 'error',
    timestamp: new Date().toISOString(),
    payload: { error_code: code, error_message: message },
  };
}
