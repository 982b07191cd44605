import { Injectable, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { CLAIM_METADATA, PluginError, type RouteClaim } from '@sutra-embedder/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { unreadableBody } from '../transports/rest/json-body';

interface FoundClaim extends RouteClaim {
  /** The claimant's own route, as Fastify knows it. */
  readonly target: string;
}

/** Hands requests to the plugins that claim them. */
@Injectable()
export class RouteClaims {
  private readonly handlers = new Map<string, RouteHandlerMethod>();
  private claims: ReadonlyMap<string, readonly FoundClaim[]> = new Map();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** Before Nest registers its routes. */
  attach(fastify: FastifyInstance): void {
    this.claims = this.find();
    fastify.addHook('onRoute', ({ method, url, handler }) => {
      for (const one of [method].flat()) this.handlers.set(`${one} ${normalize(url)}`, handler);
    });
    fastify.addHook('preValidation', async (request, reply) => {
      const claimant = this.claimantOf(request);
      const unreadable = unreadableBody(request);
      if (!claimant) {
        if (unreadable) throw unreadable.error;
        return;
      }
      // Reading it throws inside the claimant's own pipeline, where its filters see it.
      if (unreadable)
        Object.defineProperty(request, 'body', {
          get: () => {
            throw unreadable.error;
          },
        });
      await this.handOver(claimant, request, reply);
      return reply;
    });
  }

  /** @throws PluginError when a claim's own method is no route */
  check(): void {
    for (const { target } of [...this.claims.values()].flat()) {
      if (!this.handlers.has(target)) {
        throw new PluginError(
          target,
          'its claim stands on a method that is no route; give the method @Post() or its like',
        );
      }
    }
  }

  private claimantOf(request: FastifyRequest): FoundClaim | undefined {
    const claims = this.claims.get(`${request.method} ${normalize(request.routeOptions.url ?? '')}`);
    if (!claims) return undefined;
    const { headers, body } = request;
    const unparsed = unreadableBody(request)?.text;
    return claims.find(({ when }) => when({ headers, body, unparsed }));
  }

  private async handOver({ target }: FoundClaim, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const handler = this.handlers.get(target) as RouteHandlerMethod;
    await handler.call(request.server, request, reply);
  }

  private find(): ReadonlyMap<string, readonly FoundClaim[]> {
    const found = new Map<string, FoundClaim[]>();
    for (const { instance, metatype } of this.discovery.getControllers()) {
      if (typeof metatype !== 'function' || !instance) continue;
      const prototype = Object.getPrototypeOf(instance) as Record<string, object>;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const method = prototype[name] as object;
        const claim = Reflect.getMetadata(CLAIM_METADATA, method) as RouteClaim | undefined;
        if (!claim) continue;
        const key = `${claim.method} ${normalize(claim.path)}`;
        found.set(key, [...(found.get(key) ?? []), { ...claim, target: routeOf(metatype, method) }]);
      }
    }
    return found;
  }
}

function routeOf(controller: object, method: object): string {
  const parts = [
    Reflect.getMetadata(PATH_METADATA, controller),
    Reflect.getMetadata(PATH_METADATA, method),
  ] as string[];
  const verb = RequestMethod[(Reflect.getMetadata(METHOD_METADATA, method) as RequestMethod | undefined) ?? -1] ?? 'NO';
  return `${verb} ${normalize(parts.join('/'))}`;
}

function normalize(path: string): string {
  return `/${path.split('/').filter(Boolean).join('/')}`;
}
