/** What the watchdog looks at: a session's batches, the one that runs first. */
export interface Watched {
  readonly batches: { readonly tokens: number }[];
  /** How long the first one has been running, as far as the watchdog saw. */
  ageMs: number;
}

/** A batch that takes so many times as long as the slowest seen, token for token, is hung rather than slow. */
const PATIENCE = 20;
/** Looks at the sessions so many times within the least time-out. */
const LOOKS = 20;
/** What one batch says of the next: an outlier is forgotten after a few hundred batches. */
const FORGETTING = 0.99;

/**
 * Finds batches that do not end. It counts its own ticks instead of reading a clock: while the whole process was stopped
 * or the machine asleep, no batch could have got on, and none is blamed.
 */
export class Watchdog<T extends Watched> {
  private readonly timer: NodeJS.Timeout;
  private readonly tickMs: number;
  private slowestMsPerToken = 0;

  /** @param leastMs a batch has at least this long */
  constructor(
    private readonly watched: readonly T[],
    private readonly leastMs: number,
    private readonly onHung: (watched: T, reason: Error) => void,
  ) {
    this.tickMs = Math.max(1, leastMs / LOOKS);
    this.timer = setInterval(() => this.tick(), this.tickMs).unref();
  }

  /** A batch has ended. */
  measure(tokens: number, ms: number): void {
    this.slowestMsPerToken = Math.max(this.slowestMsPerToken * FORGETTING, ms / Math.max(1, tokens));
  }

  /** How long a batch may take. */
  limitMs(tokens: number): number {
    return Math.max(this.leastMs, PATIENCE * this.slowestMsPerToken * tokens);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  tick(): void {
    for (const watched of this.watched) {
      const [running] = watched.batches;
      if (!running) continue;
      watched.ageMs += this.tickMs;
      const limit = this.limitMs(running.tokens);
      if (watched.ageMs < limit) continue;
      watched.ageMs = 0;
      this.onHung(
        watched,
        new Error(`a batch of ${running.tokens} tokens had not ended after ${Math.round(limit)} ms`),
      );
    }
  }
}
