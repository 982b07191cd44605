import type { Type } from '@nestjs/common';
import type { Configuration } from '../config/configuration';
import { loadPlugins } from './load-plugins';
import { loadSurfaces } from './load-surfaces';

/**
 * The APIs of other products that are switched on, and the operator's own plugins.
 * @throws Error naming a plugin that cannot be loaded
 */
export async function configuredPlugins({ compat, plugins }: Configuration): Promise<Type[]> {
  return [...(await loadSurfaces(compat)), ...loadPlugins(plugins, process.cwd())];
}
