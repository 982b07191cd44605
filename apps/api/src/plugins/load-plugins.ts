import { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import type { Type } from '@nestjs/common';
import { errorMessage, PLUGIN_METADATA, PluginError } from '@sutra-embedder/engine';

/**
 * Loads the modules that SUTRA_PLUGINS names.
 * @param names npm packages, or files that begin with a dot or are absolute
 * @param folder where packages and relative files are looked for
 * @throws PluginError naming the first that cannot be loaded or is no plugin
 */
export function loadPlugins(names: readonly string[], folder: string): Type[] {
  const load = createRequire(join(folder, 'package.json'));
  return names.map((name) => {
    const isFile = name.startsWith('.') || isAbsolute(name);
    return pluginModuleOf(name, require_(load, name, isFile));
  });
}

function require_(load: NodeJS.Require, name: string, isFile: boolean): unknown {
  let path: string;
  try {
    path = load.resolve(name);
  } catch {
    const advice = isFile ? 'there is no such file' : `install it with "npm install ${name}"`;
    throw new PluginError(name, `it was not found: ${advice}, or take it out of SUTRA_PLUGINS`);
  }
  try {
    return load(path);
  } catch (error) {
    throw new PluginError(name, `it could not be loaded: ${errorMessage(error)}`, { cause: error });
  }
}

/** The one class with `@EmbedderPlugin` of what a module exports. */
export function pluginModuleOf(name: string, exported: unknown): Type {
  const candidates = [exported, ...Object.values((exported ?? {}) as Record<string, unknown>)];
  const modules = new Set(
    candidates.filter(
      (value): value is Type => typeof value === 'function' && Reflect.hasMetadata(PLUGIN_METADATA, value),
    ),
  );
  const [module] = modules;
  if (!module) throw new PluginError(name, 'it exports no class with @EmbedderPlugin(); decorate its Nest module');
  if (modules.size > 1)
    throw new PluginError(name, 'it exports more than one class with @EmbedderPlugin(); export one');
  return module;
}
