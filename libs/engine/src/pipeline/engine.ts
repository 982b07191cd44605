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
import { PlanResolver } from '../plan/plan-resolver';
import { PluginRegistrar } from '../plugins/plugin-registrar';
import { StrategyRegistry } from '../plugins/strategy-registry';
import { loadTokenizer } from '../tokenization/load-tokenizer';
import { EngineEvents } from './engine-events';
import { SessionGroup } from './session-group';
import { reportSystem, type SystemReport } from './system-report';
import { SingleFlight } from './single-flight';

/** The parts of a running engine, opened in order and closed in reverse. */
@Injectable()
export class Engine implements OnModuleInit, OnApplicationShutdown {
  private readonly tokenizers = new SingleFlight<Tokenizer>();
  private readonly groups = new SingleFlight<SessionGroup>();
  private started: { inventory: HardwareInventory; models: ModelRegistry; plans: PlanResolver } | undefined;

  constructor(
    private readonly registrar: PluginRegistrar,
    private readonly registry: StrategyRegistry,
    private readonly events: EngineEvents,
    @Inject(ENGINE_OPTIONS) private readonly options: EngineOptions,
    @Optional() @Inject(HARDWARE_SELECTOR) private readonly selector: HardwareSelector = new PrioritySelector(),
  ) {}

  get inventory(): HardwareInventory {
    return this.parts.inventory;
  }

  get models(): ModelRegistry {
    return this.parts.models;
  }

  get plans(): PlanResolver {
    return this.parts.plans;
  }

  /** Session groups that are open. */
  get openGroups(): readonly SessionGroup[] {
    return this.groups.settled;
  }

  /** What is here, what runs on it, and why. */
  report(): Promise<SystemReport> {
    return reportSystem(this.inventory, this.registrar.plugins, this.registry, this.plans);
  }

  async onModuleInit(): Promise<void> {
    await this.registrar.register();
    const probes = this.registry.list('probe');
    const inventory = await takeInventory(probes);
    const models = new ModelRegistry(this.registry);
    const plans = new PlanResolver(
      this.registry,
      models,
      inventory,
      this.selector,
      {
        tokenizer: (model, backend) => this.tokenizer(model, backend),
        group: (backend, model, artifact, choice) => this.group(backend, model, artifact, choice),
      },
      this.options.tuning,
    );
    this.started = { inventory, models, plans };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.openGroups.map((group) => group.close()));
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

  private group(
    backend: EmbeddingBackend,
    model: Model,
    artifact: Artifact,
    choice: RankedChoice,
  ): Promise<SessionGroup> {
    const key = JSON.stringify([artifact.sha256, backend.id, choice.options]);
    return this.groups.run(key, async () =>
      SessionGroup.open({
        backend,
        model,
        artifact,
        options: choice.options,
        tokenizer: await this.tokenizer(model, backend),
        events: {
          onBatch: (report) => this.events.emit('batch', { ...report, model: model.id, precision: artifact.precision }),
          onHostDeath: (reason) => this.events.emit('hostDeath', reason, backend.id),
        },
        scheduler: this.options.scheduler,
        cache: this.registry.list('cache')[0]?.strategy,
      }),
    );
  }
}
