/** Token ids of several texts, ragged: no padding crosses a thread boundary. */
export interface Batch {
  /** Ids of all rows one after the other, special tokens included. */
  readonly ids: Int32Array;
  /** Number of ids of each row; the sum is `ids.length`. */
  readonly lengths: Int32Array;
  /** `pooled`: one vector a row. `tokens`: one vector a token. */
  readonly output: OutputKind;
  /** Scale vectors to Euclidean length 1 (a zero vector stays zero). */
  readonly normalize: boolean;
}

export type OutputKind = 'pooled' | 'tokens';

export interface SessionOutput {
  /**
   * Row-major float32. `pooled`: rows x dimensions. `tokens`: (sum of lengths) x dimensions, rows one after the other.
   */
  readonly vectors: Float32Array;
  readonly dimensions: number;
  /** Time inside the runtime, pooling included, in milliseconds. */
  readonly inferMs: number;
}

/**
 * Runs one batch at a time. A row's output depends on that row alone, to the bit, whatever else is in the batch.
 */
export interface ModelSession {
  run(batch: Batch): Promise<SessionOutput>;
  close(): Promise<void>;
}
