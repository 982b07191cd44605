import type { EmbedGate, OutputKind, Principal, Truncation, VectorCodes } from '../contracts';
import type { Plan, PlanRequest } from '../plan/plan';
import type { EmbedObserver } from './embed-observer';

/** A text, or its token ids without special tokens. */
export type EmbedInput = string | readonly number[];

/** What the engine is asked; every transport makes one of these. */
export interface EmbedRequest extends PlanRequest {
  readonly texts: readonly EmbedInput[];
  /** Which end of a text that is too long loses tokens (default `end`); `none` refuses it instead. */
  readonly truncate?: Truncation | undefined;
  /** Most tokens of a text, special ones included, where that is less than the model takes. */
  readonly maxTokens?: number | undefined;
  /** Name of one of the model's prompts, put before every text, e.g. `query`. */
  readonly inputType?: string | undefined;
  /** Most texts in one batch with any of these. */
  readonly batchSize?: number | undefined;
  /** A text goes next once it has waited this long. */
  readonly maxLatencyMs?: number | undefined;
  /** Default `pooled`: one vector a text. `tokens`: one a token, without processors. */
  readonly output?: OutputKind | undefined;
  readonly principal?: Principal | undefined;
  /** Requests with the same one share the sessions with others as a single request would: a stream's texts. */
  readonly flow?: object | undefined;
  /** Part of something that was admitted: taken however much waits. */
  readonly continues?: boolean | undefined;
  /** What the caller's API calls the field with the texts, for errors; default `texts`. */
  readonly textsField?: string | undefined;
  /** What errors number the first text as; default 0. A stream sends its texts one by one. */
  readonly firstIndex?: number | undefined;
  /** Whom it is charged to, and until when; default: whatever EMBED_GATES says of the call that is being served. */
  readonly gate?: EmbedGate | undefined;
  /** Is told how far the request is. */
  readonly observer?: EmbedObserver | undefined;
}

/** Where the time went, in milliseconds. Stages of different texts overlap, so they need not add up to the total. */
export interface Timings {
  readonly totalMs: number;
  readonly tokenizeMs: number;
  /** Longest wait of a text for its batch. */
  readonly queueMs: number;
  /** Longest batch. */
  readonly inferMs: number;
  /** Sum over all texts. */
  readonly postProcessMs: number;
}

/** One finished vector. */
export interface EmbeddedText {
  readonly index: number;
  /** `dimensions` values, or tokens x dimensions where token vectors were asked for. */
  readonly values: Float32Array;
  readonly codes?: VectorCodes | undefined;
  /** Tokens that were run, special tokens included. */
  readonly tokens: number;
  readonly truncated: boolean;
  readonly latencyMs: number;
}

/** What holds for all vectors of a request. */
export interface EmbedSummary {
  readonly plan: Plan;
  /** Tokens that were run, all texts together, special tokens included. */
  readonly tokens: number;
  /** Texts that were not run for this request: remembered ones, and ones that an equal text under way answered. */
  readonly reused: { readonly cached: number; readonly joined: number };
  /** Indexes of the texts that lost tokens, ascending. */
  readonly truncated: readonly number[];
  readonly timings: Timings;
}

export interface EmbedResult extends EmbedSummary {
  /** In the order of the request's texts. */
  readonly items: readonly EmbeddedText[];
}
