/** Where sessions live, and what one may take before it is given up. */
export interface Hosting {
  /** A worker thread costs less; only a child process survives a native crash, and can be ended whatever it does. */
  readonly isolation: Isolation;
  /** Most megabytes of JavaScript heap of one session. Weights, activations and vectors live outside of it. */
  readonly heapMb: number;
  /** Least time after which a batch counts as hung; a batch that by its size takes longer has longer. */
  readonly batchTimeoutMs: number;
}

export const ISOLATIONS = ['thread', 'process'] as const;
export type Isolation = (typeof ISOLATIONS)[number];

export const DEFAULT_HOSTING: Hosting = Object.freeze({ isolation: 'thread', heapMb: 512, batchTimeoutMs: 30_000 });

/** Opening may build an accelerator's kernels, which takes minutes; what takes longer than this is hung. */
export const OPEN_TIMEOUT_MS = 600_000;
