import type { OutputKind } from '../contracts';

/** What a request asks of the scheduler, the same for all of its texts. */
export interface TicketOptions {
  readonly output: OutputKind;
  readonly normalize: boolean;
  /** Most texts of any batch that holds one of this request's. */
  readonly batchSize?: number | undefined;
  /** A text that has waited this long goes next, whoever's turn it is. */
  readonly maxLatencyMs?: number | undefined;
}

/** One text's way through the runtime. */
export interface RowResult {
  /** Pooled: one vector. Tokens: one vector a token, row-major. A view of the batch's output. */
  readonly values: Float32Array;
  readonly dimensions: number;
  readonly queueMs: number;
  readonly inferMs: number;
}

export interface RowListener {
  done(index: number, result: RowResult): void;
  failed(index: number, error: Error): void;
}

/** A request's place in the queue. */
export interface Ticket {
  readonly options: TicketOptions;
  readonly listener: RowListener;
  cancelled: boolean;
}

/** A text that waits. */
export interface Entry {
  readonly ticket: Ticket;
  readonly index: number;
  readonly ids: Int32Array;
  /** Its turn: the lowest goes first. */
  readonly tag: number;
  readonly enqueuedAt: number;
}
