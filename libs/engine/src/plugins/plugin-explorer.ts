import { Injectable } from '@nestjs/common';
import { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { PLUGIN_METADATA, STRATEGY_METADATA, type DecoratedPlugin, type StrategyKind } from './decorators';

export interface FoundStrategy {
  readonly kind: StrategyKind;
  readonly instance: unknown;
  readonly plugin: string;
}

/** Finds decorated modules and providers in Nest's container, whoever brought them. */
@Injectable()
export class PluginExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly modules: ModulesContainer,
  ) {}

  plugins(): DecoratedPlugin[] {
    return [...this.modules.values()].flatMap(({ metatype }) => {
      const options = pluginOf(metatype);
      return options ? [options] : [];
    });
  }

  strategies(): FoundStrategy[] {
    return this.discovery.getProviders().flatMap((wrapper) => {
      const type = wrapper.metatype ?? (wrapper.instance as object | undefined)?.constructor;
      const kind = kindOf(wrapper.instance?.constructor) ?? kindOf(type);
      if (!kind || wrapper.isAlias) return [];
      const plugin = pluginOf(wrapper.host?.metatype)?.name ?? wrapper.host?.metatype?.name ?? 'application';
      return [{ kind, instance: wrapper.instance as unknown, plugin }];
    });
  }
}

function kindOf(type: unknown): StrategyKind | undefined {
  return typeof type === 'function'
    ? (Reflect.getMetadata(STRATEGY_METADATA, type) as StrategyKind | undefined)
    : undefined;
}

function pluginOf(type: unknown): DecoratedPlugin | undefined {
  return typeof type === 'function'
    ? (Reflect.getMetadata(PLUGIN_METADATA, type) as DecoratedPlugin | undefined)
    : undefined;
}
