import type { StreamingConfig, StreamingMetadata, WebSocketSummary } from '../wire.ts';

/** Every message of the protocol, in both directions. */
export interface WebSocketMessage {
  readonly id: string;
  readonly type: 'request' | 'response' | 'error' | 'ping' | 'pong';
  readonly timestamp: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A vector: of the chunk `chunk_id`. */
export interface StreamingEmbeddingResponse extends WebSocketMessage {
  readonly type: 'response';
  readonly payload: {
    readonly chunk_id: string;
    /** Numbers, or a base64 string where config.encoding_format asked for one. */
    readonly embedding: readonly number[] | string;
    readonly metadata: StreamingMetadata;
  };
}

export interface ErrorResponse extends WebSocketMessage {
  readonly type: 'error';
  readonly payload: {
    readonly error_code: string;
    readonly error_message: string;
    readonly chunk_id?: string;
    readonly retry_after_ms?: number;
    readonly details?: Readonly<Record<string, unknown>>;
  };
}

/** How the session is. The server's own view comes by `requestState()`. */
export interface ConnectionState {
  readonly session_id: string;
  readonly is_streaming: boolean;
  /** 0 to 1: chunks that were sent and not yet answered and taken, of buffer_size. */
  readonly buffer_utilization: number;
  readonly chunks_processed: number;
  readonly average_latency_ms: number;
  readonly last_activity: string;
}

/** The parts of the platform's events that handlers are given. */
export interface OpenEvent {
  readonly type: string;
}
export interface ClosedEvent {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** What the application wants to hear; the specification's handlers, each of them optional. */
export interface WebSocketEventHandlers {
  /** The connection stands; also after each reconnection. */
  onOpen?(event: OpenEvent): void;
  /** A vector, each exactly once. Other answers of the server do not come here. */
  onMessage?(message: StreamingEmbeddingResponse): void;
  /** What went wrong. A full buffer does not come here, for it passes; a lost connection does, as CONNECTION_ERROR. */
  onError?(error: ErrorResponse): void;
  onClose?(event: ClosedEvent): void;
  /** The stream is over: its final chunk was answered. */
  onSummary?(summary: WebSocketSummary): void;
  /** Whenever the numbers change, at most once a turn of the event loop. */
  onStateChange?(state: ConnectionState): void;
}

export type RequestPayload =
  | {
      readonly action: 'handshake';
      readonly session_id: string;
      readonly protocol_version: string;
      readonly api_key?: string;
      readonly client_capabilities: Readonly<Record<string, unknown>>;
    }
  | {
      readonly action: 'stream_embed';
      readonly config: StreamingConfig;
      readonly metadata: { readonly session_id: string };
    }
  | {
      readonly action: 'add_chunk';
      readonly chunk_id: string;
      readonly text: string;
      readonly position: number;
      readonly is_final: boolean;
    }
  | { readonly action: 'ack'; readonly chunk_ids: readonly string[] }
  | { readonly action: 'state' };
