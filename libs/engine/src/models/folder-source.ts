import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model, ModelEntry, ModelSource } from '../contracts';
import { errorMessage, ModelNotAvailableError } from '../errors';
import { Source } from '../plugins/decorators';
import { parseManifest, toModel, type Manifest } from './manifest';
import { verifyFiles } from './verify-files';

interface Found {
  readonly manifest: Manifest;
  readonly folder: string;
}

/** Models with a manifest.json, one in each subfolder of some folders. Files are verified before a model is given out. */
@Source()
export class FolderSource implements ModelSource {
  private found: Promise<ReadonlyMap<string, Found>> | undefined;
  private readonly models = new Map<string, Promise<Model>>();

  constructor(
    readonly id: string,
    private readonly folders: readonly string[],
    readonly priority = 0,
  ) {}

  async list(): Promise<readonly ModelEntry[]> {
    return [...(await this.scan()).values()].map(({ manifest }) => ({
      id: manifest.id,
      name: manifest.name,
      dimensions: manifest.dimensions,
      qualityScore: manifest.quality_score,
      sizeMb: manifest.size_mb,
      trainedDimensions: manifest.trained_dimensions,
      hasRotation: manifest.rotation !== null,
      maxTokens: manifest.max_tokens,
      license: manifest.license,
      hardwareTier: manifest.hardware_tier,
      state: 'ready',
    }));
  }

  /** @throws ModelNotAvailableError when a file of the model is missing or differs from its manifest */
  async locate(id: string): Promise<Model | undefined> {
    const found = (await this.scan()).get(id);
    if (!found) return undefined;
    let model = this.models.get(id);
    if (!model) {
      model = this.verify(found);
      this.models.set(id, model);
      model.catch(() => this.models.delete(id));
    }
    return model;
  }

  private async verify({ manifest, folder }: Found): Promise<Model> {
    try {
      await verifyFiles(manifest, folder);
    } catch (error) {
      throw new ModelNotAvailableError(
        `Model "${manifest.id}" is damaged: ${errorMessage(error)}. Restore its files and try again`,
      );
    }
    return toModel(manifest, folder);
  }

  private scan(): Promise<ReadonlyMap<string, Found>> {
    this.found ??= this.read();
    return this.found;
  }

  private async read(): Promise<ReadonlyMap<string, Found>> {
    const found = new Map<string, Found>();
    for (const parent of this.folders) {
      const names = await readdir(parent).catch(() => []);
      for (const name of names.sort()) {
        const folder = join(parent, name);
        const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => undefined);
        if (text === undefined) continue;
        const manifest = this.parse(text, name);
        if (!found.has(manifest.id)) found.set(manifest.id, { manifest, folder });
      }
    }
    return found;
  }

  private parse(text: string, name: string): Manifest {
    try {
      return parseManifest(JSON.parse(text));
    } catch (error) {
      throw new ModelNotAvailableError(`The manifest of model folder "${name}" cannot be used: ${errorMessage(error)}`);
    }
  }
}
