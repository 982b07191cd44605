import type { Type } from '@nestjs/common';
import type { CompatSurface } from '../config/configuration';
import { pluginModuleOf } from './load-plugins';

/** Loaded only where they are switched on. */
const SURFACES: Readonly<Record<CompatSurface, () => Promise<object>>> = {
  jina: () => import('@sutra-embedder/compat-jina'),
  declined: () => import('@sutra-embedder/compat-declined'),
  openai: () => import('@sutra-embedder/compat-openai'),
  tei: () => import('@sutra-embedder/compat-tei'),
  cohere: () => import('@sutra-embedder/compat-cohere'),
  ollama: () => import('@sutra-embedder/compat-ollama'),
};

/** The plugins that speak other products' APIs. */
export function loadSurfaces(names: readonly CompatSurface[]): Promise<Type[]> {
  return Promise.all(names.map(async (name) => pluginModuleOf(name, await SURFACES[name]())));
}
