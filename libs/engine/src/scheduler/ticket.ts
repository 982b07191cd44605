import type { OutputKind } from '../contracts';

/** What a request asks of the scheduler, the same for all of its texts. */
export interface TicketOptions {
  readonly output: OutputKind;
  readonly normalize: boolean;
  /** Most texts of any batch that holds one of this request's. */
  readonly batchSize?: number | undefined;
  /** A text that has waited this long goes next, whoever's turn it is. */
  readonly maxLatencyMs?: number | undefined;
  /** Tickets of one flow take turns as one. Default: each is its own. */
  readonly flow?: object | undefined;
  /** Part of something that was admitted: lined up however much waits. */
  readonly continues?: boolean | undefined;
}

/** What a batch made of texts of one request that stood side by side in it. */
export interface RowsResult {
  /** Pooled: a vector for each text, in the order of `indexes`, row-major. Tokens: one text's vectors, one a token. */
  readonly values: Float32Array;
  readonly dimensions: number;
  /** Longest wait of any of them. */
  readonly queueMs: number;
  readonly inferMs: number;
  /** When the batch was handed to a session; undefined for what was not run. */
  readonly startedAt?: number | undefined;
}

export interface RowListener {
  /** @param indexes places of the texts in their request; a single one for token vectors */
  done(indexes: readonly number[], result: RowsResult): void;
  failed(index: number, error: Error): void;
}

/** A request's place in the queue. */
export interface Ticket {
  readonly options: TicketOptions;
  readonly listener: RowListener;
  cancelled: boolean;
  /** Its texts are lined up without looking at what else waits. */
  admitted: boolean;
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
