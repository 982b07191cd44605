import type { Model, ModelEntry } from '../contracts';
import { ModelNotAvailableError, ModelNotFoundError } from '../errors';
import type { StrategyRegistry } from '../plugins/strategy-registry';

/** All models of all sources. */
export class ModelRegistry {
  constructor(private readonly registry: StrategyRegistry) {}

  /** Every model once, from the source that ranks first. */
  async list(): Promise<readonly ModelEntry[]> {
    const entries = new Map<string, ModelEntry>();
    for (const { strategy } of this.registry.list('source')) {
      for (const entry of await strategy.list()) if (!entries.has(entry.id)) entries.set(entry.id, entry);
    }
    return [...entries.values()];
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
    const entries = await this.list();
    if (entries.some((entry) => entry.id === id)) {
      throw new ModelNotAvailableError(`Model "${id}" is not downloaded yet. POST /v1/models/${id}/download fetches it`, {
        model: id,
      });
    }
    throw new ModelNotFoundError(
      id,
      entries.map((entry) => entry.id),
    );
  }
}
