import type {
  EmbeddingBackend,
  GrpcServices,
  HardwareProbe,
  HealthIndicator,
  ModelSource,
  ResultCache,
  Strategy,
  VectorProcessor,
} from '../contracts';
import { errorMessage, PluginError } from '../errors';
import type { StrategyKind } from './decorators';

export interface StrategyOf {
  backend: EmbeddingBackend;
  processor: VectorProcessor;
  probe: HardwareProbe;
  source: ModelSource;
  cache: ResultCache;
  indicator: HealthIndicator;
  grpc: GrpcServices;
}

export interface Registered<T extends Strategy> {
  readonly strategy: T;
  /** Name of the plugin it came with. */
  readonly plugin: string;
}

/** What each kind must have besides `id`. */
const METHODS: { readonly [K in StrategyKind]: readonly string[] } = {
  backend: ['accepts', 'probe', 'open'],
  processor: ['accepts', 'prepare'],
  probe: ['probe'],
  source: ['list', 'locate'],
  cache: ['get', 'set'],
  indicator: ['check'],
  grpc: ['services'],
};

/** All strategies of the application, checked when added, best first. */
export class StrategyRegistry {
  private readonly strategies = new Map<StrategyKind, Registered<Strategy>[]>();
  private initialized: Promise<void> | undefined;

  constructor(private readonly initTimeoutMs = 10_000) {}

  /** @throws PluginError when the strategy breaks its contract or its id is taken */
  add<K extends StrategyKind>(kind: K, candidate: unknown, plugin: string): void {
    const strategy = this.check(kind, candidate, plugin);
    const registered = this.strategies.get(kind) ?? [];
    const twin = registered.find((other) => other.strategy.id === strategy.id);
    if (twin) {
      throw new PluginError(
        plugin,
        `the ${kind} id "${strategy.id}" is already taken by plugin "${twin.plugin}"; give yours another id`,
      );
    }
    registered.push({ strategy, plugin });
    registered.sort((a, b) => (b.strategy.priority ?? 0) - (a.strategy.priority ?? 0) || compareIds(a, b));
    this.strategies.set(kind, registered);
  }

  /** Highest priority first; equal priorities by id, so that the order does not depend on who was loaded first. */
  list<K extends StrategyKind>(kind: K): readonly Registered<StrategyOf[K]>[] {
    return (this.strategies.get(kind) ?? []) as unknown as readonly Registered<StrategyOf[K]>[];
  }

  get<K extends StrategyKind>(kind: K, id: string): StrategyOf[K] | undefined {
    return this.list(kind).find(({ strategy }) => strategy.id === id)?.strategy;
  }

  /**
   * Calls every init() once, all side by side.
   * @throws PluginError when one rejects or takes too long
   */
  init(): Promise<void> {
    this.initialized ??= Promise.all(this.all().map((registered) => this.initOne(registered))).then(() => undefined);
    return this.initialized;
  }

  /** Calls every destroy(); one that rejects does not keep the others from closing. */
  async destroy(): Promise<void> {
    await Promise.allSettled(this.all().map(async ({ strategy }) => strategy.destroy?.()));
  }

  private all(): Registered<Strategy>[] {
    return [...this.strategies.values()].flat();
  }

  private async initOne({ strategy, plugin }: Registered<Strategy>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`did not finish within ${this.initTimeoutMs} ms`)), this.initTimeoutMs);
    });
    try {
      await Promise.race([Promise.resolve().then(() => strategy.init?.()), limit]);
    } catch (error) {
      throw new PluginError(
        plugin,
        `init() of "${strategy.id}" failed: ${errorMessage(error)}. Fix the plugin, or take it out of SUTRA_PLUGINS`,
        { cause: error },
      );
    } finally {
      clearTimeout(timer);
    }
  }

  private check(kind: StrategyKind, candidate: unknown, plugin: string): Strategy {
    const name = (candidate as object | null)?.constructor?.name ?? String(candidate);
    const fields = candidate as Record<string, unknown>;
    if (typeof fields?.['id'] !== 'string' || fields['id'] === '') {
      throw new PluginError(plugin, `the ${kind} ${name} has no id; give it a non-empty string \`id\``);
    }
    const missing = METHODS[kind].filter((method) => typeof fields[method] !== 'function');
    if (missing.length > 0) {
      throw new PluginError(
        plugin,
        `the ${kind} "${fields['id']}" (${name}) lacks ${missing.map((m) => `${m}()`).join(', ')}; implement what the contract asks for`,
      );
    }
    const priority = fields['priority'];
    if (priority !== undefined && !Number.isFinite(priority)) {
      throw new PluginError(plugin, `the ${kind} "${fields['id']}" has a priority that is not a number`);
    }
    return candidate as Strategy;
  }
}

function compareIds(a: Registered<Strategy>, b: Registered<Strategy>): number {
  return a.strategy.id < b.strategy.id ? -1 : 1;
}
