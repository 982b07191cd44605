import type { Batch, ModelSession, SessionHost, SessionOutput } from '../contracts';
import { SessionLostError } from './session-lost-error';

/** A session on the main thread, for backends that only wait (remote ones): nothing to isolate. */
export class LocalHost implements SessionHost {
  private readonly exitListeners: ((reason: Error) => void)[] = [];
  private readonly running = new Set<(error: Error) => void>();
  private given: Error | undefined;

  constructor(private readonly session: ModelSession) {}

  run(batch: Batch): Promise<SessionOutput> {
    if (this.given) return Promise.reject(new SessionLostError(false, this.given));
    return new Promise((resolve, reject) => {
      this.running.add(reject);
      this.session
        .run(batch)
        .then(resolve, reject)
        .finally(() => this.running.delete(reject));
    });
  }

  onExit(listener: (reason: Error) => void): void {
    this.exitListeners.push(listener);
  }

  close(): Promise<void> {
    return this.session.close();
  }

  /** What it waits for cannot be ended from here; it is let go. */
  async kill(reason: Error): Promise<void> {
    if (this.given) return;
    this.given = reason;
    for (const reject of this.running) reject(new SessionLostError(true, reason));
    for (const listener of this.exitListeners) listener(reason);
    await this.session.close().catch(() => undefined);
  }
}
