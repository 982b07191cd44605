/** Of saturated time, how far back a measurement still counts. */
const WINDOW_MS = 5_000;

/**
 * How many tokens a millisecond a session group gets through. Only time in which texts waited counts: a group that is
 * idle now and then shows what it was asked for, not what it can do. Until texts have waited for the first time it is
 * what single batches took, times the sessions.
 */
export class DrainRate {
  private tokens = 0;
  private ms = 0;
  /** When the last batch ended, while texts wait. */
  private since: number | undefined;
  private ofOneSession = 0;

  /** Tokens a millisecond; 0 while nothing has run. */
  get(sessions: number): number {
    return this.ms > 0 ? this.tokens / this.ms : this.ofOneSession * Math.max(1, sessions);
  }

  /** A batch has failed: the time it took says nothing of what the sessions get through. */
  skip(): void {
    this.since = undefined;
  }

  /**
   * A batch has ended.
   * @param waiting whether texts wait, so that the time to the end of the next batch counts
   */
  record(tokens: number, inferMs: number, now: number, waiting: boolean): void {
    const rate = tokens / Math.max(inferMs, 0.01);
    this.ofOneSession = this.ofOneSession === 0 ? rate : this.ofOneSession * 0.9 + rate * 0.1;
    if (this.since !== undefined) {
      const passed = now - this.since;
      const kept = Math.exp(-passed / WINDOW_MS);
      this.tokens = this.tokens * kept + tokens;
      this.ms = this.ms * kept + passed;
    }
    this.since = waiting ? now : undefined;
  }
}
