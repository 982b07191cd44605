import type { EmbeddingBackend, Artifact, Model, SessionHost, SessionOptions, Tokenizer } from '../contracts';
import { openHost } from '../host/open-host';
import { SessionPool } from '../host/session-pool';
import { selfCheck } from '../models/self-check';
import { DEFAULT_SCHEDULER_OPTIONS, Scheduler, type BatchReport, type SchedulerOptions } from '../scheduler/scheduler';
import { BackendUnavailableError } from '../errors';

export interface SessionGroupEvents {
  onBatch(report: BatchReport): void;
  onHostDeath(reason: Error): void;
}

/** The sessions of one artifact on one backend, with the queue before them. */
export class SessionGroup {
  private constructor(
    readonly scheduler: Scheduler,
    private readonly pool: SessionPool,
  ) {}

  /**
   * Opens the sessions and has each prove itself on the model's reference vectors.
   * @throws BackendUnavailableError when a session cannot be opened or fails its self-check
   */
  static async open(
    backend: EmbeddingBackend,
    model: Model,
    artifact: Artifact,
    options: SessionOptions,
    tokenizer: Tokenizer,
    events: SessionGroupEvents,
    schedulerOptions: SchedulerOptions = DEFAULT_SCHEDULER_OPTIONS,
  ): Promise<SessionGroup> {
    const openChecked = async (): Promise<SessionHost> => {
      const host = await openHost(backend, model, artifact, options);
      try {
        await selfCheck(host, model, artifact, tokenizer);
      } catch (error) {
        await host.close();
        throw error;
      }
      return host;
    };
    // The pool may call back before the scheduler that feeds it is there.
    const wired: { scheduler?: Scheduler } = {};
    const pool = await SessionPool.open(
      options.sessions,
      openChecked,
      () => wired.scheduler?.wake(),
      (reason) => events.onHostDeath(reason),
    );
    const scheduler = new Scheduler(pool, { ...schedulerOptions, ...backend.batching }, (report) =>
      events.onBatch(report),
    );
    wired.scheduler = scheduler;
    return new SessionGroup(scheduler, pool);
  }

  get sessionsAlive(): number {
    return this.pool.alive;
  }

  async close(): Promise<void> {
    this.scheduler.close(new BackendUnavailableError('The sessions are being closed'));
    await this.pool.close();
  }
}
