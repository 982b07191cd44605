import type { Model, ModelEntry } from '../contracts';
import { ModelNotAvailableError, ModelNotFoundError } from '../errors';
import { PRESETS } from '../plan/presets';
import type { StrategyRegistry } from '../plugins/strategy-registry';

/** All models of all sources. */
export class ModelRegistry {
  constructor(private readonly registry: StrategyRegistry) {}

  /** Every model once: from the source that has it ready, else from the one that ranks first. */
  async list(): Promise<readonly ModelEntry[]> {
    const entries = new Map<string, ModelEntry>();
    for (const { strategy } of this.registry.list('source')) {
      for (const entry of await strategy.list()) {
        const known = entries.get(entry.id);
        const better = !known || (known.state === 'available' && entry.state === 'ready') ? entry : known;
        // A model that lies in a folder keeps the names that a catalogue has for it.
        const aliases = [...new Set([...(known?.aliases ?? []), ...(entry.aliases ?? [])])];
        entries.set(entry.id, aliases.length > 0 ? { ...better, aliases } : better);
      }
    }
    return [...entries.values()];
  }

  /**
   * The entry of a model, by its id or another of its names.
   * @throws ModelNotFoundError when no source knows it
   */
  async entry(id: string): Promise<ModelEntry> {
    const entries = await this.list();
    const entry = entries.find((one) => one.id === id) ?? entries.find(({ aliases }) => aliases?.includes(id));
    if (entry) return entry;
    throw new ModelNotFoundError(id, [...Object.keys(PRESETS), ...entries.map((one) => one.id)]);
  }

  /** Models that are ready to serve, verified. */
  async ready(): Promise<readonly Model[]> {
    const entries = (await this.list()).filter(({ state }) => state === 'ready');
    const models = await Promise.all(entries.map(({ id }) => this.locate(id).catch(() => undefined)));
    return models.filter((model) => model !== undefined);
  }

  /**
   * @throws ModelNotAvailableError when a source knows the model but does not have it
   * @throws ModelNotFoundError when no source knows it
   */
  async locate(id: string): Promise<Model> {
    for (const { strategy } of this.registry.list('source')) {
      const model = await strategy.locate(id);
      if (model) return model;
    }
    const entry = await this.entry(id);
    if (entry.id !== id) return this.locate(entry.id);
    throw new ModelNotAvailableError(`Model "${id}" is not downloaded yet. POST /v1/models/${id}/download fetches it`, {
      model: id,
    });
  }
}
