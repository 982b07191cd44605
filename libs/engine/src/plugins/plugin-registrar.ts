import { Inject, Injectable } from '@nestjs/common';
// One by one: the package as a whole is three times as many modules to load.
import major from 'semver/functions/major';
import satisfies from 'semver/functions/satisfies';
import validRange from 'semver/ranges/valid';
import { PluginError } from '../errors';
import { ENGINE_VERSION } from '../version';
import type { DecoratedPlugin, PluginOptions } from './decorators';
import { PluginExplorer } from './plugin-explorer';
import { StrategyRegistry } from './strategy-registry';

/** Brings what the explorer finds into the registry, each plugin checked against this engine's version. */
@Injectable()
export class PluginRegistrar {
  private registered: readonly PluginOptions[] | undefined;

  constructor(
    private readonly explorer: PluginExplorer,
    @Inject(StrategyRegistry) private readonly registry: StrategyRegistry,
  ) {}

  get plugins(): readonly PluginOptions[] {
    return this.registered ?? [];
  }

  /** @throws PluginError at the first plugin that breaks its contract */
  async register(): Promise<void> {
    if (this.registered) return;
    const plugins = this.explorer.plugins();
    for (const plugin of plugins) checkPlugin(plugin);
    for (const { kind, instance, plugin } of this.explorer.strategies()) this.registry.add(kind, instance, plugin);
    await this.registry.init();
    this.registered = plugins.map(({ name, version, engine }) => ({ name, version, engine }));
  }
}

function checkPlugin({ name, engine, decoratedBy }: DecoratedPlugin): void {
  if (!validRange(engine)) {
    throw new PluginError(
      name,
      `its engine range "${engine}" is not a semver range; write one such as "^${ENGINE_VERSION}"`,
    );
  }
  if (!satisfies(ENGINE_VERSION, engine, { includePrerelease: true })) {
    throw new PluginError(
      name,
      `it needs @sutra-embedder/engine ${engine}, this is ${ENGINE_VERSION}; install a version of the plugin made for this engine`,
    );
  }
  // Two copies of one major version work together: what they share goes by names, not by classes.
  if (major(decoratedBy) !== major(ENGINE_VERSION)) {
    throw new PluginError(
      name,
      `it brings a copy of @sutra-embedder/engine ${decoratedBy}, this is ${ENGINE_VERSION}; make the engine a peerDependency of the plugin, so that there is one copy`,
    );
  }
}
