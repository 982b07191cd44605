import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import {
  errorMessage,
  ModelNotAvailableError,
  ModelNotFoundError,
  Source,
  type FetchProgress,
  type Model,
  type ModelEntry,
  type ModelSource,
} from '@sutra-embedder/engine';
import type { CatalogueFile, CatalogueModel } from '../catalogue/catalogue';
import { toModel } from '../sentence-transformers/folder-model';
import { readLayout } from '../sentence-transformers/layout';
import { downloadFile, matching, requireSpace, type Expected } from './download-file';
import { adopt, HubCache } from './hub-cache';
import { HubClient, type RemoteFacts } from './hub-client';
import { DownloadError, PassingFault } from './hub-error';
import { DEFAULT_PATIENCE, type HubOptions, type Patience } from './hub-options';
import { retry } from './retry';
import { StoreFolder } from './store-folder';
import { readPage, writePage, type TrustPage } from './trust-book';

/** A file to bring here. */
interface Wanted {
  readonly path: string;
  readonly expected: Expected;
  /** Where it already is: in the store, or in a cache of the hub's own library. */
  readonly here: { readonly at: 'store' | 'cache'; readonly from: string; readonly sha256: string } | undefined;
}

/** The catalogue's models, downloaded when asked for. Nothing is served whose bytes were not checked in this process. */
@Source()
export class HubSource implements ModelSource {
  readonly id = 'hub';
  readonly priority = 0;
  private readonly logger = new Logger(HubSource.name);
  private readonly store: StoreFolder;
  private readonly cache: HubCache;
  private readonly client: HubClient;
  private readonly patience: Patience;
  private readonly models = new Map<string, Promise<Model>>();

  constructor(
    private readonly catalogue: readonly CatalogueModel[],
    private readonly options: HubOptions,
  ) {
    this.store = new StoreFolder(options.storeFolder);
    this.cache = new HubCache(options.cacheFolder);
    this.client = new HubClient(options);
    this.patience = { ...DEFAULT_PATIENCE, ...options.patience };
  }

  async init(): Promise<void> {
    await this.store.sweep();
  }

  async destroy(): Promise<void> {
    await this.client.close();
  }

  async list(): Promise<readonly ModelEntry[]> {
    return Promise.all(
      this.catalogue.map(async (entry): Promise<ModelEntry> => ({
        id: entry.id,
        aliases: [entry.repository],
        name: entry.name,
        dimensions: entry.dimensions,
        qualityScore: entry.quality_score,
        sizeMb: entry.size_mb,
        trainedDimensions: entry.trained_dimensions,
        hasRotation: false,
        maxTokens: entry.max_tokens,
        license: entry.license ?? 'unknown',
        hardwareTier: entry.hardware_tier,
        state: (await isThere(this.store.completePage(entry.repository))) ? 'ready' : 'available',
      })),
    );
  }

  /** @throws ModelNotAvailableError when a file of a downloaded model has changed since; it can be downloaded again */
  async locate(id: string): Promise<Model | undefined> {
    const entry = this.catalogue.find((one) => one.id === id);
    if (!entry) return undefined;
    let model = this.models.get(id);
    if (!model) {
      const page = await readPage(this.store.completePage(entry.repository));
      if (!page) return undefined;
      model = this.models.get(id) ?? this.verify(entry, page);
      this.models.set(id, model);
      model.catch(() => this.models.delete(id));
    }
    return model;
  }

  async fetch(id: string, onProgress: (progress: FetchProgress) => void, signal: AbortSignal): Promise<Model> {
    const entry = this.catalogue.find((one) => one.id === id);
    if (!entry) {
      throw new ModelNotFoundError(
        id,
        this.catalogue.map((one) => one.id),
      );
    }
    try {
      return await this.bring(entry, onProgress, signal);
    } catch (error) {
      if (!(error instanceof PassingFault)) throw error;
      this.logger.error(`Download of "${id}": ${error.message}${error.cause ? `: ${errorMessage(error.cause)}` : ''}`);
      throw new DownloadError(
        `Model "${id}" could not be downloaded: ${error.message}. Check the network, HF_ENDPOINT and the proxy settings, then POST /v1/models/${id}/download again; what has arrived is kept. Without a network, put the model's folder into SUTRA_MODELS_DIR`,
        { model: id },
      );
    }
  }

  async remove(id: string): Promise<boolean> {
    const entry = this.catalogue.find((one) => one.id === id);
    if (!entry) return false;
    this.models.delete(id);
    return this.store.remove(entry.repository);
  }

  private async bring(
    entry: CatalogueModel,
    onProgress: (progress: FetchProgress) => void,
    signal: AbortSignal,
  ): Promise<Model> {
    const trusted = await readPage(this.store.trustPage(entry.repository));
    const revision = await this.revisionOf(entry, trusted, signal);
    const folder = this.store.modelFolder(entry.repository, revision);
    const wanted: Wanted[] = [];
    for (const file of entry.files) {
      const one = await this.look(entry, file, revision, trusted, signal);
      if (one) wanted.push(one);
    }
    const total = wanted.every(({ expected }) => expected.bytes !== null)
      ? wanted.reduce((sum, { expected }) => sum + (expected.bytes ?? 0), 0)
      : null;
    let done = 0;
    const report = (current: number) => onProgress({ receivedBytes: done + current, totalBytes: total });
    report(0);
    await requireSpace(
      this.store.root,
      wanted.reduce((sum, { here, expected }) => sum + (here ? 0 : (expected.bytes ?? 0)), 0),
    );
    const files: TrustPage['files'] = {};
    for (const { path, expected, here } of wanted) {
      const target = join(folder, path);
      const partial = this.store.partial(entry.repository, revision, path);
      let sha256 = here?.sha256;
      if (here?.at === 'cache') await adopt(here.from, target, partial);
      sha256 ??= await downloadFile(
        { file: { repository: entry.repository, revision, path }, expected, path: target, partial },
        this.client,
        this.patience,
        signal,
        report,
      );
      const bytes = (await stat(target)).size;
      files[path] = { bytes, sha256 };
      done += bytes;
      report(0);
    }
    const page: TrustPage = { schema: 1, repository: entry.repository, revision, files };
    await this.trust(entry, trusted, page);
    const model = await this.describe(entry, page);
    await writePage(this.store.completePage(entry.repository), page, this.store.partials);
    this.models.set(entry.id, Promise.resolve(model));
    return model;
  }

  /** The catalogue's commit, or the one that was first downloaded, or what `main` is now. */
  private async revisionOf(
    entry: CatalogueModel,
    trusted: TrustPage | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const pinned = entry.revision ?? trusted?.revision;
    if (pinned !== undefined) return pinned;
    if (this.options.offline) {
      const cached = await this.cache.mainCommit(entry.repository);
      if (cached !== undefined) return cached;
      throw this.offline(entry);
    }
    const { commit } = await this.facts(entry, 'main', 'config.json', signal);
    if (commit !== null && /^[0-9a-f]{40}$/.test(commit)) return commit;
    throw new DownloadError(`The hub does not say which commit of ${entry.repository} it serves; check HF_ENDPOINT`);
  }

  /** What is known of a file and where it may already be. undefined for an optional one that does not exist. */
  private async look(
    entry: CatalogueModel,
    file: CatalogueFile,
    revision: string,
    trusted: TrustPage | undefined,
    signal: AbortSignal,
  ): Promise<Wanted | undefined> {
    const { path } = file;
    const known = trusted?.revision === revision ? trusted.files[path] : undefined;
    const sha256 = file.sha256 ?? known?.sha256 ?? null;
    const before: Expected = { bytes: known?.bytes ?? null, sha256, gitSha1: null };
    if (sha256 !== null || this.options.offline) {
      const here = await this.findHere(entry, revision, path, before);
      if (here) return { path, expected: { ...before, bytes: (await stat(here.from)).size }, here };
    }
    if (this.options.offline) {
      if (file.optional) return undefined;
      throw this.offline(entry);
    }
    let facts: RemoteFacts;
    try {
      facts = await this.facts(entry, revision, path, signal);
    } catch (error) {
      const { status } = (error instanceof DownloadError && error.details) || {};
      if (file.optional && (status === 404 || status === 410)) return undefined;
      throw error;
    }
    if (sha256 !== null && facts.sha256 !== null && facts.sha256 !== sha256) {
      throw new DownloadError(
        `The hub has another ${path} of ${entry.repository} (SHA-256 ${facts.sha256}) than the one this server knows (${sha256}); it was not downloaded`,
        { model: entry.id, file: path },
      );
    }
    const expected: Expected = {
      bytes: facts.bytes ?? known?.bytes ?? null,
      sha256: sha256 ?? facts.sha256,
      gitSha1: facts.gitSha1,
    };
    const checkable = expected.sha256 !== null || expected.gitSha1 !== null;
    return { path, expected, here: checkable ? await this.findHere(entry, revision, path, expected) : undefined };
  }

  private async findHere(
    entry: CatalogueModel,
    revision: string,
    path: string,
    expected: Expected,
  ): Promise<Wanted['here']> {
    const inStore = join(this.store.modelFolder(entry.repository, revision), path);
    const ours = (expected.sha256 ?? expected.gitSha1) ? await matching(inStore, expected) : undefined;
    if (ours) return { at: 'store', from: inStore, sha256: ours };
    const inCache = await this.cache.find(entry.repository, revision, path);
    const theirs = inCache === undefined ? undefined : await matching(inCache, expected);
    return theirs && inCache ? { at: 'cache', from: inCache, sha256: theirs } : undefined;
  }

  private facts(entry: CatalogueModel, revision: string, path: string, signal: AbortSignal): Promise<RemoteFacts> {
    // No network should show at once, not after minutes; a hub that answers may be waited for.
    return retry(
      async () => this.client.facts({ repository: entry.repository, revision, path }, signal),
      this.patience,
      signal,
      (fault) => fault.cause !== undefined,
    );
  }

  private async trust(entry: CatalogueModel, before: TrustPage | undefined, page: TrustPage): Promise<void> {
    if (before?.revision === page.revision && Object.keys(page.files).every((path) => before.files[path])) return;
    const learned = entry.files.filter(({ path, sha256 }) => sha256 === null && page.files[path]).length;
    this.logger.log(
      `First download of ${entry.repository}: commit ${page.revision} and the hashes of ${learned} files are trusted from now on (trust on first use); every later download must match them`,
    );
    await writePage(this.store.trustPage(entry.repository), page, this.store.partials);
  }

  private async verify(entry: CatalogueModel, page: TrustPage): Promise<Model> {
    const folder = this.store.modelFolder(entry.repository, page.revision);
    for (const [path, { bytes, sha256 }] of Object.entries(page.files)) {
      if (await matching(join(folder, path), { bytes, sha256, gitSha1: null })) continue;
      // No longer listed as ready: the next download mends what is broken and keeps the rest.
      await this.store.forget(entry.repository);
      throw new ModelNotAvailableError(
        `File ${path} of model "${entry.id}" has changed since it was downloaded, and the model is not served. POST /v1/models/${entry.id}/download mends it`,
        { model: entry.id, file: path },
      );
    }
    return this.describe(entry, page);
  }

  /** @throws DownloadError when the model's own files contradict the catalogue */
  private async describe(entry: CatalogueModel, page: TrustPage): Promise<Model> {
    const folder = this.store.modelFolder(entry.repository, page.revision);
    const layout = await readLayout(folder).catch((error: unknown) => {
      throw new DownloadError(`Model "${entry.id}" cannot be served: ${errorMessage(error)}`, { model: entry.id });
    });
    if (layout.dimensions !== entry.dimensions || (entry.pooling !== null && layout.pooling !== entry.pooling)) {
      throw new DownloadError(
        `The files of "${entry.id}" say ${layout.pooling} pooling to ${layout.dimensions} dimensions where the catalogue says ${entry.pooling ?? 'any'} to ${entry.dimensions}; it is not served`,
        { model: entry.id },
      );
    }
    return toModel(folder, layout, {
      id: entry.id,
      name: entry.name,
      trainedDimensions: entry.trained_dimensions,
      prompts: entry.prompts,
      qualityScore: entry.quality_score,
      qualitySource: entry.quality_source,
      license: entry.license ?? 'unknown',
      hardwareTier: entry.hardware_tier,
    });
  }

  private offline(entry: CatalogueModel): DownloadError {
    return new DownloadError(
      `Model "${entry.id}" is not in the local cache and HF_HUB_OFFLINE forbids to fetch it; unset HF_HUB_OFFLINE, or put the model's folder into SUTRA_MODELS_DIR`,
      { model: entry.id },
    );
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
