import { Inject, Injectable, Optional, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type {
  Artifact,
  EmbeddingBackend,
  HardwareInventory,
  HardwareSelector,
  Model,
  RankedChoice,
  Tokenizer,
} from '../contracts';
import { ENGINE_OPTIONS, HARDWARE_SELECTOR, type EngineOptions } from '../engine-options';
import { PrioritySelector } from '../hardware/priority-selector';
import { takeInventory } from '../hardware/take-inventory';
import { ModelRegistry } from '../models/model-registry';
import { ModelStore } from '../models/model-store';
import { ModelNames } from '../plan/model-names';
import { PlanResolver } from '../plan/plan-resolver';
import { PluginRegistrar } from '../plugins/plugin-registrar';
import { StrategyRegistry } from '../plugins/strategy-registry';
import { loadTokenizer } from '../tokenization/load-tokenizer';
import { EngineEvents } from './engine-events';
import { SessionGroup } from './session-group';
import { reportSystem, type SystemReport } from './system-report';
import { SessionGroups, type GroupOutage, type GroupRef, type LoadFailure } from './session-groups';
import { SingleFlight } from './single-flight';

/** What a session takes besides its weights: thread, runtime, activations of a batch. An estimate for the budget. */
const SESSION_BYTES = 64e6;

/** The parts of a running engine, opened in order and closed in reverse. */
@Injectable()
export class Engine implements OnModuleInit, OnApplicationShutdown {
  private readonly tokenizers = new SingleFlight<Tokenizer>();
  private readonly groups: SessionGroups;
  private started:
    | {
        inventory: HardwareInventory;
        models: ModelRegistry;
        names: ModelNames;
        plans: PlanResolver;
        store: ModelStore;
      }
    | undefined;

  constructor(
    private readonly registrar: PluginRegistrar,
    private readonly registry: StrategyRegistry,
    private readonly events: EngineEvents,
    @Inject(ENGINE_OPTIONS) private readonly options: EngineOptions,
    @Optional() @Inject(HARDWARE_SELECTOR) private readonly selector: HardwareSelector = new PrioritySelector(),
  ) {
    this.groups = new SessionGroups(options.modelMemoryBytes);
  }

  get inventory(): HardwareInventory {
    return this.parts.inventory;
  }

  get models(): ModelRegistry {
    return this.parts.models;
  }

  /** What requests may call the models. */
  get names(): ModelNames {
    return this.parts.names;
  }

  get plans(): PlanResolver {
    return this.parts.plans;
  }

  /** Session groups that are open. */
  get openGroups(): readonly SessionGroup[] {
    return this.groups.open;
  }

  /** Models that could not be loaded, each with its reason. */
  get failedLoads(): readonly LoadFailure[] {
    return this.groups.failing;
  }

  /** Backends that keep failing and are left alone for now. */
  get outages(): readonly GroupOutage[] {
    return this.groups.outages;
  }

  /** Sessions that were given up and still run: threads inside native code, which only an exit of the process ends. */
  get lingeringSessions(): number {
    return this.groups.open.reduce((sum, { lingering }) => sum + lingering, 0);
  }

  /** Whether sessions of a model are open. */
  isLoaded(model: string): boolean {
    return this.groups.isLoaded(model);
  }

  get store(): ModelStore {
    return this.parts.store;
  }

  /** What is here, what runs on it, and why. */
  report(): Promise<SystemReport> {
    return reportSystem(this.inventory, this.registrar.plugins, this.registry, this.plans, this.outages);
  }

  async onModuleInit(): Promise<void> {
    await this.registrar.register();
    const probes = this.registry.list('probe');
    const inventory = await takeInventory(probes);
    const models = new ModelRegistry(this.registry);
    const names = new ModelNames(
      models,
      async () => (await plans.outlook({ model: 'custom' })).model.id,
      this.options.aliases,
    );
    const plans: PlanResolver = new PlanResolver(
      this.registry,
      models,
      names,
      inventory,
      this.selector,
      {
        tokenizer: (model, backend) => this.tokenizer(model, backend),
        group: (backend, model, artifact, choice) => this.group(backend, model, artifact, choice),
      },
      this.options.tuning,
    );
    const store = new ModelStore(this.registry, models, {
      isLoaded: (id) => this.groups.isLoaded(id),
      failure: (id) => this.groups.failing.find(({ model }) => model === id)?.reason,
      release: (id) => this.groups.retire(id),
      changed: () => plans.clear(),
    });
    this.started = { inventory, models, names, plans, store };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.started?.store.close();
    await this.groups.close();
    await this.registry.destroy();
  }

  private get parts() {
    if (!this.started)
      throw new Error('The engine is used before the application was initialized: call app.init() first');
    return this.started;
  }

  private tokenizer({ tokenizerPath }: Model, { specialTokens = true }: EmbeddingBackend): Promise<Tokenizer> {
    const key = JSON.stringify([tokenizerPath, specialTokens]);
    return this.tokenizers.run(key, () => loadTokenizer(tokenizerPath, { specialTokens }));
  }

  private group(backend: EmbeddingBackend, model: Model, artifact: Artifact, choice: RankedChoice): Promise<GroupRef> {
    const { sessions } = choice.options;
    return this.groups.ensure({
      key: JSON.stringify([artifact.sha256, backend.id, choice.options]),
      model: model.id,
      backend: backend.id,
      bytes: sessions * ((artifact.bytes ?? model.sizeMb * 1e6) + SESSION_BYTES),
      open: async () => {
        const from = performance.now();
        const group = await SessionGroup.open({
          backend,
          model,
          artifact,
          options: choice.options,
          tokenizer: () => this.tokenizer(model, backend),
          events: {
            onBatch: (report) =>
              this.events.emit('batch', { ...report, model: model.id, precision: artifact.precision }),
            onRefused: (sha256) => this.events.emit('textRefused', sha256, model.id, backend.id),
            onHostDeath: (reason) => this.events.emit('hostDeath', reason, backend.id),
            onHostOutput: (line) => this.events.emit('hostOutput', line, backend.id),
            // The ranking has something else, or has this one again.
            onOutage: (outage) => {
              this.started?.plans.clear();
              this.events.emit('outage', { ...outage, model: model.id, backend: backend.id });
            },
            onRecovery: () => {
              this.started?.plans.clear();
              this.events.emit('recovery', model.id, backend.id);
            },
          },
          hosting: this.options.hosting,
          scheduler: this.options.scheduler,
          cache: this.registry.list('cache')[0]?.strategy,
        });
        this.events.emit('loaded', model.id, backend.id, performance.now() - from);
        return group;
      },
    });
  }
}
