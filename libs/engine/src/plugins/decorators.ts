import { applyDecorators, Inject, Injectable, SetMetadata } from '@nestjs/common';
import { ENGINE_VERSION } from '../version';

/** The kinds of strategy a module can bring. */
export const STRATEGY_KINDS = ['backend', 'processor', 'probe', 'source', 'cache', 'indicator', 'grpc'] as const;
export type StrategyKind = (typeof STRATEGY_KINDS)[number];

/**
 * Fixed metadata keys: Nest's own DiscoveryService.createDecorator draws a random one at each module load, so two
 * copies of the engine would not see each other's strategies.
 */
export const STRATEGY_METADATA = 'sutra-embedder:strategy';
export const PLUGIN_METADATA = 'sutra-embedder:plugin';

const strategy = (kind: StrategyKind) => applyDecorators(Injectable(), SetMetadata(STRATEGY_METADATA, kind));

/** Marks a class as an `EmbeddingBackend`. */
export const Backend = () => strategy('backend');
/** Marks a class as a `VectorProcessor`. */
export const Processor = () => strategy('processor');
/** Marks a class as a `HardwareProbe`. */
export const Probe = () => strategy('probe');
/** Marks a class as a `ModelSource`. */
export const Source = () => strategy('source');
/** Marks a class as a `ResultCache`. */
export const Cache = () => strategy('cache');

/** Marks a class as a `HealthIndicator`. */
export const Indicator = () => strategy('indicator');
/** Marks a class as `GrpcServices`. */
export const Grpc = () => strategy('grpc');

export interface PluginOptions {
  /** The package's name; errors and GET /v1/system call it so. */
  readonly name: string;
  readonly version: string;
  /** Semver range of @sutra-embedder/engine this plugin was written for, e.g. `^1.0.0`. */
  readonly engine: string;
}

/** A plugin as it was found, with the version of the engine's copy that it was decorated by. */
export interface DecoratedPlugin extends PluginOptions {
  readonly decoratedBy: string;
}

/** Marks a Nest module as a plugin. The module lists its strategies as providers. */
export const EmbedderPlugin = (options: PluginOptions) =>
  SetMetadata(PLUGIN_METADATA, Object.freeze({ ...options, decoratedBy: ENGINE_VERSION }) satisfies DecoratedPlugin);

/**
 * Injects the EmbeddingService by a token that every copy of the engine shares; the class itself is a token only within
 * its own copy, and a plugin may have brought one.
 */
export const EMBEDDING_SERVICE = Symbol.for('@sutra-embedder/engine:embedding-service');
export const InjectEmbeddingService = () => Inject(EMBEDDING_SERVICE);

/** Injects the Engine: what models there are and how they stand (`store`), and what they are called (`names`). */
export const ENGINE = Symbol.for('@sutra-embedder/engine:engine');
export const InjectEngine = () => Inject(ENGINE);

/**
 * Injects the prom-client registry that GET /v1/metrics prints, whichever copy of prom-client the plugin makes its
 * metrics with: `new Counter({ ..., registers: [registry] })`. A host without metrics has none: add `@Optional()`.
 */
export const METRICS_REGISTRY = Symbol.for('@sutra-embedder/engine:metrics-registry');
export const InjectMetricsRegistry = () => Inject(METRICS_REGISTRY);

/** Injects the ServiceHealth that GET /v1/health answers from. A host without health has none: add `@Optional()`. */
export const HEALTH = Symbol.for('@sutra-embedder/engine:health');
export const InjectHealth = () => Inject(HEALTH);
