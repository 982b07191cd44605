import type { Batch, ModelSession, SessionHost, SessionOutput } from '../contracts';

/** A session on the main thread, for backends that only wait (remote ones): nothing to isolate. */
export class LocalHost implements SessionHost {
  constructor(private readonly session: ModelSession) {}

  run(batch: Batch): Promise<SessionOutput> {
    return this.session.run(batch);
  }

  onExit(): void {
    // It lives as long as the process does.
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
