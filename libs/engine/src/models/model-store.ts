import { EventEmitter } from 'node:events';
import type { FetchProgress, ModelEntry, ModelSource } from '../contracts';
import { CancelledError, EngineError, errorMessage, InvalidArgumentError, ModelNotAvailableError } from '../errors';
import type { StrategyRegistry } from '../plugins/strategy-registry';
import type { ModelRegistry } from './model-registry';

/** available: can be downloaded; ready: here, loaded on first use; loaded: its sessions are open. */
export type ModelState = 'available' | 'downloading' | 'ready' | 'loaded' | 'failed';

export interface ModelStatus {
  readonly model: string;
  readonly state: ModelState;
  /** Share of the bytes that are here, 0 to 1. */
  readonly progress: number;
  readonly receivedBytes: number;
  readonly totalBytes: number | null;
  /** null where it cannot be told yet; 0 when there is nothing to wait for. */
  readonly estimatedTimeRemainingMs: number | null;
  /** Why it failed, and what to do. */
  readonly reason?: string;
}

interface StoreEvents {
  progress: [status: ModelStatus];
  ready: [model: string];
  failed: [model: string, reason: unknown];
  removed: [model: string];
}

/** What the store needs of the running engine. */
export interface LoadedModels {
  isLoaded(id: string): boolean;
  /** Why a model could not be loaded, where that is so. */
  failure(id: string): string | undefined;
  /** Closes a model's sessions once no request runs on them. */
  release(id: string): Promise<void>;
  /** The set of ready models has changed. */
  changed(): void;
}

interface Download {
  readonly abort: AbortController;
  readonly startedAt: number;
  readonly finished: Promise<void>;
  /** Bytes that were here before this download began. */
  kept: number | undefined;
  progress: FetchProgress;
}

/** How long a download is given to fail before it is reported as begun: no network shows within this. */
const FIRST_WORD_MS = 1_000;

/**
 * What can be had, what is here, and what is on its way. One download a model, whoever asks how often, over whichever
 * transport.
 */
export class ModelStore extends EventEmitter<StoreEvents> {
  private readonly downloads = new Map<string, Download>();
  private readonly failures = new Map<string, unknown>();

  constructor(
    private readonly registry: StrategyRegistry,
    private readonly models: ModelRegistry,
    private readonly loaded: LoadedModels,
    private readonly now: () => number = () => performance.now(),
  ) {
    super();
  }

  /** Every model of every source with how it stands. */
  async list(): Promise<readonly { readonly entry: ModelEntry; readonly status: ModelStatus }[]> {
    return (await this.models.list()).map((entry) => ({ entry, status: this.statusOf(entry) }));
  }

  /**
   * How a model stands.
   * @throws ModelNotFoundError when no source knows it
   */
  async status(id: string): Promise<ModelStatus> {
    return this.statusOf(await this.models.entry(id));
  }

  /**
   * Starts a download, or joins the one that runs, and tells how far it is; at once, but for the moment it takes to see
   * that there is no network.
   * @throws ModelNotFoundError; ModelNotAvailableError when it cannot be fetched, with what to do
   */
  async download(id: string): Promise<ModelStatus> {
    const entry = await this.models.entry(id);
    if (entry.state === 'ready') {
      await this.models.locate(entry.id);
      return this.statusOf(entry);
    }
    let download = this.downloads.get(entry.id);
    if (!download) download = this.begin(entry, await this.sourceOf(entry.id));
    await firstWord(download.finished);
    // Not listed as running: it is done, or has failed in its first moment.
    if (!this.downloads.has(entry.id)) {
      const failure = this.failures.get(entry.id);
      if (failure !== undefined) throw failure;
    }
    return this.status(entry.id);
  }

  /**
   * Resolves when a download that runs has ended, well or not; at once where none runs.
   * @throws what the download failed with
   */
  async settled(id: string): Promise<ModelStatus> {
    const { id: model } = await this.models.entry(id);
    await this.downloads.get(model)?.finished;
    const failure = this.failures.get(model);
    if (failure !== undefined) throw failure;
    return this.status(model);
  }

  /**
   * Cancels a download, or closes a downloaded model when its last request is done and takes it off the disk.
   * @throws ModelNotFoundError; InvalidArgumentError for a model that was not downloaded by this server
   */
  async remove(id: string): Promise<ModelStatus> {
    const { id: model } = await this.models.entry(id);
    const download = this.downloads.get(model);
    if (download) {
      download.abort.abort(new CancelledError('The download was cancelled'));
      await download.finished;
    }
    this.failures.delete(model);
    const source = this.registry.list('source').find(({ strategy }) => strategy.remove)
      ? await this.removableFrom(model)
      : undefined;
    if (!source) {
      throw new InvalidArgumentError(
        `Model "${model}" was not downloaded by this server and is not removed by it; take its folder out of the models folder instead`,
        { field: 'model_id', model },
      );
    }
    // New requests get other plans before the old ones are waited for.
    this.loaded.changed();
    await this.loaded.release(model);
    const removed = await source.remove?.(model);
    this.loaded.changed();
    if (removed) this.emit('removed', model);
    return this.status(model);
  }

  /** Stops all downloads; what has arrived stays for the next start. */
  async close(): Promise<void> {
    const running = [...this.downloads.values()];
    for (const { abort } of running) abort.abort(new CancelledError('The server is shutting down'));
    await Promise.all(running.map(({ finished }) => finished));
  }

  private begin({ id }: ModelEntry, source: ModelSource): Download {
    this.failures.delete(id);
    const abort = new AbortController();
    const download: Download = {
      abort,
      startedAt: this.now(),
      kept: undefined,
      progress: { receivedBytes: 0, totalBytes: null },
      finished: this.run(id, source, abort.signal),
    };
    this.downloads.set(id, download);
    return download;
  }

  private async run(id: string, source: ModelSource, signal: AbortSignal): Promise<void> {
    // The caller enters the download into the list first.
    await Promise.resolve();
    try {
      await source.fetch?.(id, (progress) => this.advance(id, progress), signal);
      this.downloads.delete(id);
      this.loaded.changed();
      this.emit('ready', id);
    } catch (error) {
      this.downloads.delete(id);
      if (signal.aborted) return;
      this.failures.set(id, error);
      this.emit('failed', id, error);
    }
  }

  private advance(id: string, progress: FetchProgress): void {
    const download = this.downloads.get(id);
    if (!download) return;
    download.kept ??= progress.receivedBytes;
    download.progress = progress;
    if (this.listenerCount('progress') > 0) this.emit('progress', this.downloading(id, download));
  }

  private statusOf({ id, state }: ModelEntry): ModelStatus {
    const download = this.downloads.get(id);
    if (download) return this.downloading(id, download);
    const broken = this.loaded.failure(id);
    if (state === 'ready') {
      if (this.loaded.isLoaded(id)) return atRest(id, 'loaded');
      return broken === undefined ? atRest(id, 'ready') : { ...atRest(id, 'failed'), progress: 1, reason: broken };
    }
    const failure = this.failures.get(id);
    if (failure !== undefined) return { ...atRest(id, 'failed'), reason: reasonOf(failure) };
    return atRest(id, 'available');
  }

  private downloading(id: string, { startedAt, kept, progress }: Download): ModelStatus {
    const { receivedBytes, totalBytes } = progress;
    const fresh = receivedBytes - (kept ?? receivedBytes);
    const rate = fresh / Math.max(1, this.now() - startedAt);
    return {
      model: id,
      state: 'downloading',
      progress: totalBytes ? Math.min(1, receivedBytes / totalBytes) : 0,
      receivedBytes,
      totalBytes,
      estimatedTimeRemainingMs:
        totalBytes === null || rate <= 0 ? null : Math.ceil(Math.max(0, totalBytes - receivedBytes) / rate),
    };
  }

  private async sourceOf(id: string): Promise<ModelSource> {
    for (const { strategy } of this.registry.list('source')) {
      if (strategy.fetch && (await strategy.list()).some((entry) => entry.id === id)) return strategy;
    }
    throw new ModelNotAvailableError(`Model "${id}" is not here and none of this server's sources can fetch it`, {
      model: id,
    });
  }

  private async removableFrom(id: string): Promise<ModelSource | undefined> {
    for (const { strategy } of this.registry.list('source')) {
      if ((await strategy.list()).some((entry) => entry.id === id)) return strategy.remove ? strategy : undefined;
    }
    return undefined;
  }
}

function atRest(model: string, state: ModelState): ModelStatus {
  const here = state === 'ready' || state === 'loaded';
  return {
    model,
    state,
    progress: here ? 1 : 0,
    receivedBytes: 0,
    totalBytes: null,
    estimatedTimeRemainingMs: here ? 0 : null,
  };
}

/** Messages of engine errors are for callers; others may name paths. */
function reasonOf(error: unknown): string {
  return EngineError.is(error) ? errorMessage(error) : 'The download failed; the server log has the reason';
}

function firstWord(finished: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FIRST_WORD_MS);
    void finished.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
