import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import {
  errorMessage,
  ModelNotAvailableError,
  Source,
  type Model,
  type ModelEntry,
  type ModelSource,
} from '@sutra-embedder/engine';
import { tierFor, toModel } from './folder-model';
import { hasLayout, readLayout, type Layout } from './layout';

interface Found {
  readonly folder: string;
  /** Or why it cannot be served. */
  readonly layout: Layout | Error;
  readonly bytes: number;
}

/** One part of a model id; the same characters a hub allows, so no folder name can be a path. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * Models in sentence-transformers layout with an ONNX graph, one a subfolder (`name` or `organization/name`). Folders
 * with a manifest.json are left to the engine's own source.
 */
@Source()
export class SentenceTransformersSource implements ModelSource {
  readonly id = 'sentence-transformers';
  readonly priority = 10;
  private readonly logger = new Logger(SentenceTransformersSource.name);
  private found: Promise<ReadonlyMap<string, Found>> | undefined;
  private readonly models = new Map<string, Promise<Model>>();

  constructor(private readonly folders: readonly string[]) {}

  async list(): Promise<readonly ModelEntry[]> {
    return [...(await this.scan())].flatMap(([id, { layout, bytes }]): ModelEntry[] =>
      layout instanceof Error
        ? []
        : [
            {
              id,
              name: id,
              dimensions: layout.dimensions,
              qualityScore: null,
              sizeMb: bytes / 1e6,
              trainedDimensions: [],
              hasRotation: false,
              maxTokens: layout.maxTokens,
              license: 'unknown',
              hardwareTier: tierFor(bytes),
              state: 'ready',
            },
          ],
    );
  }

  /** @throws ModelNotAvailableError with the reason when the folder is there but cannot be honored */
  async locate(id: string): Promise<Model | undefined> {
    const found = (await this.scan()).get(id);
    if (!found) return undefined;
    const { folder, layout } = found;
    if (layout instanceof Error) {
      throw new ModelNotAvailableError(
        `Model "${id}" is in the models folder but cannot be served: ${layout.message}`,
        {
          model: id,
        },
      );
    }
    let model = this.models.get(id);
    if (!model) {
      model = toModel(folder, layout, {
        id,
        name: id,
        trainedDimensions: [],
        qualityScore: null,
        qualitySource: null,
        license: 'unknown',
      });
      this.models.set(id, model);
      model.catch(() => this.models.delete(id));
    }
    return model;
  }

  private scan(): Promise<ReadonlyMap<string, Found>> {
    this.found ??= this.read();
    return this.found;
  }

  private async read(): Promise<ReadonlyMap<string, Found>> {
    const found = new Map<string, Found>();
    for (const parent of this.folders) {
      for (const name of await namesIn(parent)) {
        const folder = join(parent, name);
        if (await isFile(join(folder, 'manifest.json'))) continue;
        if (await hasLayout(folder)) await this.add(found, name, folder);
        else
          for (const inner of await namesIn(folder))
            await this.addIfModel(found, `${name}/${inner}`, join(folder, inner));
      }
    }
    return found;
  }

  private async addIfModel(found: Map<string, Found>, id: string, folder: string): Promise<void> {
    if ((await hasLayout(folder)) && !(await isFile(join(folder, 'manifest.json')))) await this.add(found, id, folder);
  }

  private async add(found: Map<string, Found>, id: string, folder: string): Promise<void> {
    if (found.has(id)) return;
    try {
      const layout = await readLayout(folder);
      const sizes = await Promise.all(layout.graphFiles.map(async (name) => (await stat(join(folder, name))).size));
      found.set(id, { folder, layout, bytes: sizes.reduce((sum, size) => sum + size, 0) });
    } catch (error) {
      this.logger.warn(`Model folder "${id}" is not served: ${errorMessage(error)}`);
      found.set(id, { folder, layout: error instanceof Error ? error : new Error(errorMessage(error)), bytes: 0 });
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => NAME.test(name)).sort();
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
