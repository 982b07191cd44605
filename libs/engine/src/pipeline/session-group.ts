import type {
  Artifact,
  EmbeddingBackend,
  Model,
  ResultCache,
  SessionHost,
  SessionOptions,
  Tokenizer,
} from '../contracts';
import { OPEN_TIMEOUT_MS, type Hosting } from '../host/hosting';
import { openHost } from '../host/open-host';
import { SessionPool } from '../host/session-pool';
import { selfCheck } from '../models/self-check';
import {
  DEFAULT_SCHEDULER_OPTIONS,
  Scheduler,
  type SchedulerListener,
  type SchedulerOptions,
} from '../scheduler/scheduler';
import { BackendFailingError, BackendUnavailableError } from '../errors';
import { Circuit, type Outage } from './circuit';
import { TextReuse } from './text-reuse';

/**
 * Where padding costs a tenth, one batch more weighs ten times as much against it as where padding costs as much as text.
 */
const RAGGED_OVERHEAD_TOKENS = 100;

export interface SessionGroupEvents extends Pick<SchedulerListener, 'onBatch' | 'onRefused'> {
  onHostDeath(reason: Error): void;
  onHostOutput(line: string): void;
  /** It keeps failing and takes nothing for a while. */
  onOutage(outage: Outage): void;
  onRecovery(): void;
}

export interface SessionGroupParts {
  readonly backend: EmbeddingBackend;
  readonly model: Model;
  readonly artifact: Artifact;
  readonly options: SessionOptions;
  readonly tokenizer: () => Promise<Tokenizer>;
  readonly events: SessionGroupEvents;
  readonly hosting: Hosting;
  readonly scheduler?: SchedulerOptions;
  readonly cache?: ResultCache | undefined;
}

/** The sessions of one artifact on one backend, with the queue before them. */
export class SessionGroup {
  private constructor(
    readonly scheduler: Scheduler,
    private readonly pool: SessionPool,
    /** Undefined where looking for equal texts is not worth it. */
    readonly reuse: TextReuse | undefined,
    private readonly circuit: Circuit,
    /** What runs here. */
    readonly of: { readonly model: string; readonly backend: string; readonly precision: string },
  ) {}

  /** Sessions that are alive: fewer than there should be while one is replaced. */
  get alive(): number {
    return this.pool.alive;
  }

  /** Why it takes nothing for now. */
  get outage(): Outage | undefined {
    return this.circuit.outage;
  }

  /** What a caller is told meanwhile. */
  get failing(): BackendFailingError | undefined {
    return this.outage && failing(this.outage);
  }

  /** Sessions that were given up and still run: threads inside native code, which only an exit of the process ends. */
  get lingering(): number {
    return this.pool.lingering;
  }

  /**
   * Opens the sessions and has each prove itself on the model's reference vectors.
   * @throws BackendUnavailableError when a session cannot be opened or fails its self-check
   */
  static async open(parts: SessionGroupParts): Promise<SessionGroup> {
    const { backend, model, artifact, options, tokenizer, events, cache, hosting } = parts;
    const openChecked = async (): Promise<SessionHost> => {
      const opening = openHost(backend, model, artifact, options, hosting, (line) => events.onHostOutput(line));
      // Read while the session opens, in its thread where it has one; only then is the tokenizer's failure looked at.
      const reading = tokenizer();
      reading.catch(() => undefined);
      const host = await opening;
      const limit = setTimeout(() => void host.kill(new Error('its self-check did not end')), OPEN_TIMEOUT_MS);
      try {
        await selfCheck(host, model, artifact, await reading);
      } catch (error) {
        await host.close();
        throw error;
      } finally {
        clearTimeout(limit);
      }
      return host;
    };
    // The pool may call back before the scheduler that feeds it is there.
    const wired: { scheduler?: Scheduler } = {};
    const circuit = new Circuit({
      trial: async () => selfCheck(pool, model, artifact, await tokenizer()),
      opened: (outage) => {
        scheduler.close(failing(outage));
        events.onOutage(outage);
      },
      closed: () => {
        scheduler.reopen();
        events.onRecovery();
      },
    });
    const pool = await SessionPool.open(
      options.sessions,
      openChecked,
      {
        changed: () => wired.scheduler?.wake(),
        died: (reason) => events.onHostDeath(reason),
        notReplaced: (reason) => circuit.failed(reason),
      },
      hosting.batchTimeoutMs,
    );
    const { singleFlight = true, ...limits } = backend.batching ?? {};
    const scheduler = new Scheduler(
      pool,
      {
        ...(parts.scheduler ?? DEFAULT_SCHEDULER_OPTIONS),
        ...(artifact.ragged && { overheadTokens: RAGGED_OVERHEAD_TOKENS }),
        ...limits,
        ...(options.tokenBudget && { tokenBudget: options.tokenBudget }),
      },
      {
        onBatch: (report) => {
          circuit.succeeded();
          events.onBatch?.(report);
        },
        onFailure: (reason) => circuit.failed(reason),
        onRefused: (sha256) => events.onRefused?.(sha256),
      },
    );
    wired.scheduler = scheduler;
    const key = [artifact.sha256, artifact.precision, options.fp16 === true, backend.id].join('|');
    return new SessionGroup(scheduler, pool, singleFlight ? new TextReuse(key, cache) : undefined, circuit, {
      model: model.id,
      backend: backend.id,
      precision: artifact.precision,
    });
  }

  async close(): Promise<void> {
    this.circuit.stop();
    this.scheduler.close(new BackendUnavailableError('The sessions are being closed'));
    await this.pool.close();
  }
}

function failing({ retryAt }: Outage): BackendFailingError {
  return new BackendFailingError(Math.max(1, retryAt - Date.now()));
}
