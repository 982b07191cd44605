import { errorMessage } from '../errors';

export interface CircuitOptions {
  /** How far back an outcome counts. */
  readonly windowMs: number;
  /** So many outcomes at least before they are judged. */
  readonly least: number;
  /** Share of failures at which it opens. */
  readonly share: number;
  /** How long it stays open before the first trial; twice as long after each that fails. */
  readonly restMs: number;
  readonly longestRestMs: number;
}

export const DEFAULT_CIRCUIT_OPTIONS: CircuitOptions = Object.freeze({
  windowMs: 60_000,
  least: 10,
  share: 0.5,
  restMs: 10_000,
  longestRestMs: 300_000,
});

/** Why nothing is run for now, and when that is tried again. */
export interface Outage {
  readonly reason: string;
  /** `Date.now()` milliseconds. */
  readonly retryAt: number;
}

export interface CircuitParts {
  /** Proves without any caller's work at stake that it works again. */
  trial(): Promise<void>;
  opened(outage: Outage): void;
  closed(): void;
}

const BUCKETS = 60;

interface Bucket {
  readonly index: number;
  succeeded: number;
  failed: number;
}

/**
 * A circuit breaker: what fails at least half the time is left alone for a while, tried by a trial of its own, and used
 * again once that succeeds.
 */
export class Circuit {
  private buckets: Bucket[] = [];
  private restMs: number;
  private timer: NodeJS.Timeout | undefined;
  private current: Outage | undefined;
  private stopped = false;

  constructor(
    private readonly parts: CircuitParts,
    private readonly options: CircuitOptions = DEFAULT_CIRCUIT_OPTIONS,
    private readonly now: () => number = Date.now,
  ) {
    this.restMs = options.restMs;
  }

  get outage(): Outage | undefined {
    return this.current;
  }

  succeeded(): void {
    this.bucket().succeeded++;
  }

  failed(reason: Error): void {
    if (this.current || this.stopped) return;
    this.bucket().failed++;
    const { windowMs, least, share } = this.options;
    const failed = this.buckets.reduce((sum, bucket) => sum + bucket.failed, 0);
    const all = this.buckets.reduce((sum, bucket) => sum + bucket.succeeded, failed);
    if (all < least || failed < all * share) return;
    this.open(
      `${failed} of ${all} batches failed within ${windowMs / 1000} s, the last: ${errorMessage(reason.cause ?? reason)}`,
    );
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private open(reason: string): void {
    this.current = { reason, retryAt: this.now() + this.restMs };
    this.timer = setTimeout(() => void this.try(), this.restMs).unref();
    this.restMs = Math.min(this.restMs * 2, this.options.longestRestMs);
    this.parts.opened(this.current);
  }

  private async try(): Promise<void> {
    try {
      await this.parts.trial();
    } catch (error) {
      if (!this.stopped) this.open(`a trial failed: ${errorMessage(error)}`);
      return;
    }
    if (this.stopped) return;
    this.current = undefined;
    this.buckets = [];
    this.restMs = this.options.restMs;
    this.parts.closed();
  }

  /** The one that counts now; those that are too old are forgotten. */
  private bucket(): Bucket {
    const index = Math.floor(this.now() / (this.options.windowMs / BUCKETS));
    const last = this.buckets.at(-1);
    if (last?.index === index) return last;
    const bucket = { index, succeeded: 0, failed: 0 };
    this.buckets = [...this.buckets.filter((old) => old.index > index - BUCKETS), bucket];
    return bucket;
  }
}
