import type { SchedulerOptions } from './scheduler/scheduler';

/** How an engine is set up. */
export interface EngineOptions {
  readonly scheduler: SchedulerOptions;
  /** Folders with models, one a subfolder; earlier ones win. */
  readonly modelFolders: readonly string[];
}

export const ENGINE_OPTIONS = Symbol.for('@sutra-embedder/engine:options');
export const HARDWARE_SELECTOR = Symbol.for('@sutra-embedder/engine:hardware-selector');
