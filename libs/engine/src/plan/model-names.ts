import type { ModelEntry } from '../contracts';
import { EngineError } from '../errors';
import type { ModelRegistry } from '../models/model-registry';
import { PRESETS } from './presets';

/** A name that a request may give, and what it stands for now. */
export interface ServedName {
  readonly name: string;
  readonly kind: 'preset' | 'model' | 'alias';
  readonly entry: ModelEntry;
}

/**
 * What a request may call a model: a preset, an id, another name of a model (its repository on a hub), or an alias that
 * the operator has given to one of these.
 */
export class ModelNames {
  constructor(
    private readonly models: Pick<ModelRegistry, 'list' | 'entry'>,
    /** What `custom` stands for now. */
    private readonly custom: () => Promise<string>,
    private readonly aliases: Readonly<Record<string, string>> = {},
  ) {}

  /** The preset or model that an alias was given to; any other name as it is. */
  target(name: string): string {
    return (Object.hasOwn(this.aliases, name) && this.aliases[name]) || name;
  }

  /**
   * The model that a name stands for.
   * @throws ModelNotFoundError with every name there is
   */
  async entry(name: string): Promise<ModelEntry> {
    const target = this.target(name);
    const id = Object.hasOwn(PRESETS, target) ? (PRESETS[target]?.model ?? (await this.custom())) : target;
    return this.models.entry(id);
  }

  /** The names that can be served now: presets, ready models, aliases. */
  async list(): Promise<readonly ServedName[]> {
    const ready = (await this.models.list()).filter(({ state }) => state === 'ready');
    const named = async (kind: ServedName['kind'], names: readonly string[]): Promise<ServedName[]> => {
      const entries = await Promise.all(names.map((name) => this.entry(name).catch(missing)));
      return names.flatMap((name, index) => {
        const entry = entries[index];
        return entry?.state === 'ready' ? [{ name, kind, entry }] : [];
      });
    };
    return [
      ...(await named('preset', Object.keys(PRESETS))),
      ...ready.map((entry): ServedName => ({ name: entry.id, kind: 'model', entry })),
      ...(await named('alias', Object.keys(this.aliases))),
    ];
  }
}

function missing(error: unknown): undefined {
  if (EngineError.is(error)) return undefined;
  throw error;
}
