import { Injectable, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { CLAIM_METADATA, PluginError, type RouteClaim } from '@sutra-embedder/engine';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
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
    fastify.addHook('onRoute', (route) => {
      for (const one of [route.method].flat()) this.handlers.set(`${one} ${normalize(route.url)}`, route.handler);
      // What stands in the way of reading a body comes up before any handler runs.
      route.errorHandler ??= (error, request, reply) => this.refuse(error, request, reply);
    });
    fastify.addHook('preValidation', async (request, reply) => {
      const unreadable = unreadableBody(request);
      if (unreadable) throwOnRead(request, unreadable.error);
      const claimant = this.claimantOf(request);
      if (!claimant) return;
      await this.handOver(claimant.target, request, reply);
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
    const claims = this.claims.get(keyOf(request));
    if (!claims) return undefined;
    const { headers } = request;
    const unreadable = UNREADABLE in request;
    const body = unreadable ? undefined : request.body;
    const unparsed = unreadable ? (unreadableBody(request)?.text ?? '') : undefined;
    return claims.find(({ when }) => when({ headers, body, unparsed }));
  }

  /** Whoever the request is for says in its own envelope that the body cannot be had. */
  private async refuse(error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const own = keyOf(request);
    // An error of a handler, which nobody there has caught.
    if (!error.code?.startsWith('FST_ERR_CTP_') || !this.handlers.has(own)) throw error;
    throwOnRead(request, error);
    await this.handOver(this.claimantOf(request)?.target ?? own, request, reply);
  }

  private async handOver(target: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
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
    for (const claims of found.values()) claims.sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0));
    return found;
  }
}

const UNREADABLE = Symbol('unreadable');

/** Reading the body throws inside the pipeline of whoever answers, where its filters see it. */
function throwOnRead(request: FastifyRequest, error: Error): void {
  Object.defineProperties(request, {
    [UNREADABLE]: { value: true },
    body: {
      get: () => {
        throw error;
      },
    },
  });
}

function keyOf(request: FastifyRequest): string {
  return `${request.method} ${normalize(request.routeOptions.url ?? '')}`;
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
