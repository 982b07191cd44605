import { TimeoutError } from './errors.ts';

/** Aborts when the caller's signal does, or when nothing has been heard for `limitMs`. */
export class Deadline {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @throws the signal's reason where it has aborted already */
  constructor(
    private readonly limitMs: number,
    private readonly outer: AbortSignal | undefined,
  ) {
    outer?.throwIfAborted();
    outer?.addEventListener('abort', this.stop, { once: true });
    this.extend();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Something was heard: the time starts anew. */
  extend(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.controller.abort(new TimeoutError(this.limitMs)), this.limitMs);
  }

  /** Stops the clock while the other side is not to blame. */
  pause(): void {
    clearTimeout(this.timer);
  }

  /** Lets go of timer and signal. */
  end(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.stop);
  }

  /** Ends, and stops whatever still listens to the signal. */
  abandon(): void {
    this.end();
    this.controller.abort();
  }

  private readonly stop = () => this.controller.abort(this.outer?.reason);
}
