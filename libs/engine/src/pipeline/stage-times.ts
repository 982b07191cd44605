import type { EmbedObserver, Stage } from './embed-observer';

interface Extent {
  from: number;
  to: number;
}

/** When each stage of a run began and ended, over all of its texts; told to its observer at the end, also of one that failed. */
export class StageTimes {
  private readonly extents = new Map<Stage, Extent>();
  /** Since when texts wait for their batches; a run that ends meanwhile has waited until then. */
  private queuedFrom: number | undefined;
  private running = false;

  constructor(private readonly observer: EmbedObserver) {}

  tokenized(from: number, to: number): void {
    this.extend('tokenize', from, to);
    this.queuedFrom ??= to;
  }

  /** Rows have arrived. @param startedAt when their batch was handed to a session */
  rows(startedAt: number | undefined): void {
    if (startedAt === undefined) return;
    // An equal text of another request may have been handed over before this one was lined up.
    this.extend('queue', this.queuedFrom ?? startedAt, Math.max(startedAt, this.queuedFrom ?? startedAt));
    this.extend('infer', startedAt, performance.now());
    this.running = true;
  }

  postProcessed(from: number, to: number): void {
    this.extend('post_process', from, to);
  }

  report(now: number): void {
    if (!this.running && !this.extents.has('post_process') && this.queuedFrom !== undefined)
      this.extend('queue', this.queuedFrom, now);
    for (const [stage, { from, to }] of this.extents) this.observer.stage(stage, from, to);
  }

  private extend(stage: Stage, from: number, to: number): void {
    const extent = this.extents.get(stage);
    if (!extent) this.extents.set(stage, { from, to });
    else {
      extent.from = Math.min(extent.from, from);
      extent.to = Math.max(extent.to, to);
    }
  }
}
