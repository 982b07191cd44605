import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import {
  EXTENSION_METADATA,
  PLUGIN_METADATA,
  PluginError,
  type DecoratedPlugin,
  type ExtendAnswer,
  type ExtendedRequest,
  type RouteExtension,
} from '@sutra-embedder/engine';
import type { FastifyInstance } from 'fastify';
import { Callers } from '../limits/callers';

interface FoundExtension {
  readonly by: string;
  readonly extend: ExtendAnswer;
}

/** Lets plugins add to what routes answer. */
@Injectable()
export class RouteExtensions {
  /** By method and path; those that no route was found for yet. */
  private readonly missing = new Map<string, string>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly callers: Callers,
  ) {}

  /** Before Nest registers its routes. */
  attach(fastify: FastifyInstance): void {
    const extensions = this.find();
    fastify.addHook('onRoute', (route) => {
      const keys = [route.method].flat().map((method) => `${method} ${route.url}`);
      const found = keys.flatMap((key) => extensions.get(key) ?? []);
      if (found.length === 0) return;
      for (const key of keys) this.missing.delete(key);
      route.preSerialization = async (request, _reply, payload) => {
        let body = payload as object;
        for (const { extend } of found)
          body = await this.callers.within(request, () => extend(body, request as ExtendedRequest));
        return body;
      };
    });
  }

  /** @throws PluginError when there is no route of the kind that a plugin extends */
  check(): void {
    for (const [key, by] of this.missing) throw new PluginError(by, `it extends ${key}, which is no route`);
  }

  private find(): ReadonlyMap<string, readonly FoundExtension[]> {
    const found = new Map<string, FoundExtension[]>();
    for (const { instance, host } of this.discovery.getProviders()) {
      if (typeof instance !== 'object' || instance === null) continue;
      const by = pluginOf(host?.metatype);
      const prototype = Object.getPrototypeOf(instance) as Record<string, ExtendAnswer> | null;
      if (!prototype) continue;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const method = prototype[name] as ExtendAnswer;
        const routes = Reflect.getMetadata(EXTENSION_METADATA, method) as readonly RouteExtension[] | undefined;
        for (const { method: verb, path } of routes ?? []) {
          const key = `${verb} ${path}`;
          found.set(key, [...(found.get(key) ?? []), { by, extend: method.bind(instance) }]);
          this.missing.set(key, by);
        }
      }
    }
    return found;
  }
}

function pluginOf(module: unknown): string {
  if (typeof module !== 'function') return 'application';
  return (Reflect.getMetadata(PLUGIN_METADATA, module) as DecoratedPlugin | undefined)?.name ?? module.name;
}
