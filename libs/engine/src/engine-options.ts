import type { Hosting } from './host/hosting';
import type { Tuning } from './plan/tuning';
import type { SchedulerOptions } from './scheduler/scheduler';

/** How an engine is set up. */
export interface EngineOptions {
  /** What was measured best on this machine; empty where nothing was. */
  readonly tuning: Tuning;
  readonly scheduler: SchedulerOptions;
  readonly hosting: Hosting;
  /** Most bytes of remembered vectors; 0 remembers none. */
  readonly cacheBytes: number;
  /** Folders with models, one a subfolder; earlier ones win. */
  readonly modelFolders: readonly string[];
  /** Most memory of all loaded models together, in bytes (estimated); undefined: no bound. */
  readonly modelMemoryBytes: number | undefined;
  /** Names that requests may use beside presets and ids, each with the preset or model it stands for. */
  readonly aliases: Readonly<Record<string, string>>;
}

export const ENGINE_OPTIONS = Symbol.for('@sutra-embedder/engine:options');
export const HARDWARE_SELECTOR = Symbol.for('@sutra-embedder/engine:hardware-selector');
