import { Module, type DynamicModule, type FactoryProvider, type ModuleMetadata, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ENGINE_OPTIONS, type EngineOptions } from './engine-options';
import { MemoryCache } from './cache/memory-cache';
import { DEFAULT_HOSTING, type Hosting } from './host/hosting';
import { FolderSource } from './models/folder-source';
import { Engine } from './pipeline/engine';
import { EmbeddingService } from './pipeline/embedding.service';
import { EngineEvents } from './pipeline/engine-events';
import { EMBEDDING_SERVICE, ENGINE } from './plugins/decorators';
import { PluginExplorer } from './plugins/plugin-explorer';
import { PluginRegistrar } from './plugins/plugin-registrar';
import { StrategyRegistry } from './plugins/strategy-registry';
import type { Tuning } from './plan/tuning';
import { DEFAULT_SCHEDULER_OPTIONS, type SchedulerOptions } from './scheduler/scheduler';

export interface EngineModuleOptions {
  /** Folders with models, one a subfolder; earlier ones win. */
  readonly modelFolders?: readonly string[];
  /** Most memory of all loaded models together, in bytes (estimated); default no bound. */
  readonly modelMemoryBytes?: number | undefined;
  readonly scheduler?: Partial<SchedulerOptions>;
  /** Where sessions live; default worker threads. */
  readonly hosting?: Partial<Hosting>;
  /** Most bytes of remembered vectors. Default 0: none are remembered. */
  readonly cacheBytes?: number;
  /** What `npm run tune` measured. Default: nothing. */
  readonly tuning?: Tuning;
  /** Names that requests may use beside presets and ids, each with the preset or model it stands for. */
  readonly aliases?: Readonly<Record<string, string>>;
}

export interface EngineModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject'];
  // Nest passes whatever `inject` names; their types are the factory's own business.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly useFactory: (...args: any[]) => EngineModuleOptions | Promise<EngineModuleOptions>;
}

/**
 * The engine in a Nest application. Import strategies beside it (BackendsModule, QuantizationModule, HardwareModule,
 * plugins): every module's decorated providers are found, wherever they stand.
 */
@Module({})
export class EngineModule {
  static forRoot(options: EngineModuleOptions = {}): DynamicModule {
    return this.build({ provide: ENGINE_OPTIONS, useValue: complete(options) });
  }

  static forRootAsync({ imports, inject, useFactory }: EngineModuleAsyncOptions): DynamicModule {
    const provider: FactoryProvider = {
      provide: ENGINE_OPTIONS,
      inject: inject ?? [],
      useFactory: async (...args: unknown[]) => complete(await useFactory(...args)),
    };
    return this.build(provider, imports);
  }

  private static build(options: Provider, imports: ModuleMetadata['imports'] = []): DynamicModule {
    return {
      module: EngineModule,
      global: true,
      imports: [DiscoveryModule, ...imports],
      providers: [
        options,
        { provide: StrategyRegistry, useFactory: () => new StrategyRegistry() },
        {
          provide: FolderSource,
          inject: [ENGINE_OPTIONS],
          useFactory: ({ modelFolders }: EngineOptions) => new FolderSource('folders', modelFolders, 20),
        },
        {
          provide: MemoryCache,
          inject: [ENGINE_OPTIONS],
          useFactory: ({ cacheBytes }: EngineOptions) => (cacheBytes > 0 ? new MemoryCache(cacheBytes) : undefined),
        },
        PluginExplorer,
        PluginRegistrar,
        EngineEvents,
        Engine,
        EmbeddingService,
        { provide: EMBEDDING_SERVICE, useExisting: EmbeddingService },
        { provide: ENGINE, useExisting: Engine },
      ],
      exports: [EmbeddingService, EMBEDDING_SERVICE, Engine, ENGINE, EngineEvents, PluginRegistrar, StrategyRegistry],
    };
  }
}

function complete({
  modelFolders = [],
  modelMemoryBytes,
  scheduler = {},
  hosting = {},
  cacheBytes = 0,
  tuning = {},
  aliases = {},
}: EngineModuleOptions): EngineOptions {
  return Object.freeze({
    modelFolders,
    modelMemoryBytes,
    cacheBytes,
    tuning,
    hosting: Object.freeze({ ...DEFAULT_HOSTING, ...hosting }),
    aliases,
    scheduler: Object.freeze({ ...DEFAULT_SCHEDULER_OPTIONS, ...scheduler }),
  });
}
