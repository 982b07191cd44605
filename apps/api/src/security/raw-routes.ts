import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ACCESS_METADATA, DEFAULT_ACCESS, type Access } from '@sutra-embedder/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AccessControl } from './access-control';

/** Guards the routes that somebody gave to Fastify past Nest, whose guards never see them. */
@Injectable()
export class RawRoutes {
  constructor(
    private readonly control: AccessControl,
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** Before the first route is registered. */
  guard(fastify: FastifyInstance): void {
    const nest = this.nestHandlers();
    fastify.addHook('onRoute', (route) => {
      // A browser asks with OPTIONS before it shows its key, and is told nothing but which origins may call.
      if (nest.has(route.handler.name) || route.method === 'OPTIONS') return;
      const access = (route.config as { [ACCESS_METADATA]?: Access } | undefined)?.[ACCESS_METADATA] ?? DEFAULT_ACCESS;
      const check = async (request: FastifyRequest, reply: FastifyReply) => {
        await this.control.check(request, reply, access);
      };
      route.onRequest = [check, ...[route.onRequest ?? []].flat()];
    });
  }

  /** Nest names a route's handler after its controller and method. */
  private nestHandlers(): ReadonlySet<string> {
    const names = this.discovery.getControllers().flatMap(({ name, metatype }) => {
      const prototype = (metatype as { prototype?: object } | null)?.prototype ?? {};
      return this.scanner.getAllMethodNames(prototype).map((method) => `${name}.${method}`);
    });
    return new Set(names);
  }
}
