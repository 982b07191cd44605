import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { DeadlineExceededError, InvalidArgumentError, type EmbedGate, type EmbedGates } from '@sutra-embedder/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Configuration } from '../config/configuration';
import { InjectConfiguration } from '../config/configuration.token';
import { TrustedProxies } from '../security/trusted-proxies';
import { RateCaller } from './caller';
import { gateOf, passesGate, setGate } from './gate-of';
import { rateHeaders } from './rate-headers';
import { RateLimits } from './rate-limits';

const DEADLINE_HEADER = 'x-request-timeout-ms';
/** Longest time-out that a timer can hold. */
const MOST_MS = 2 ** 31 - 1;

/**
 * Knows whose call is being served. The host's own transports hand the gate of their call to the engine; while a plugin's
 * code runs it is remembered, so that the plugin's work is charged to its caller, and ends with its deadline, without the
 * plugin knowing of either. Nothing is remembered where there is neither a limit nor a deadline.
 */
@Injectable()
export class Callers implements EmbedGates {
  private readonly storage = new AsyncLocalStorage<EmbedGate>();
  private readonly proxies: TrustedProxies;

  constructor(
    readonly rates: RateLimits,
    @InjectConfiguration() private readonly configuration: Configuration,
  ) {
    this.proxies = new TrustedProxies(configuration.trustedProxies);
  }

  current(): EmbedGate | undefined {
    return this.storage.getStore();
  }

  /** Runs a plugin's code on behalf of a caller. */
  run<Result>(caller: EmbedGate | undefined, act: () => Result): Result {
    return caller?.charge || caller?.signal ? this.storage.run(caller, act) : act();
  }

  /** The same on behalf of an HTTP request. */
  readonly within = <Result>(request: FastifyRequest, act: () => Result): Result => this.run(gateOf(request), act);

  /** @param peer finds out who is at the other end of the connection; not asked where nothing is limited */
  from(peer: () => string, forwardedFor: string | undefined): RateCaller {
    return this.rates.caller(this.rates.active ? this.proxies.callerOf(peer(), forwardedFor) : '');
  }

  /** The caller of an HTTP request. */
  of(request: FastifyRequest): RateCaller {
    return gateOf(request) ?? setGate(request, this.rates.caller(request.ip));
  }

  /** Before the routes of plugins are claimed. */
  attach(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', (route) => {
      const { handler } = route;
      if (passesGate(route.config)) return;
      // Not around every request: once anything is remembered across promises, all of them cost more (Node before 24).
      const { within } = this;
      route.handler = function (request, reply) {
        return within(request, () => handler.call(this, request, reply));
      };
    });
    fastify.addHook('preValidation', (request, reply, done) => {
      const timeout = this.timeoutOf(request);
      if (timeout instanceof Error) return done(timeout);
      if (timeout === undefined && !this.rates.metered) return done();
      const caller = this.of(request);
      if (timeout !== undefined) caller.signal = deadline(timeout - reply.elapsedTime, reply);
      done();
    });
    if (!this.rates.active) return;
    fastify.addHook('onSend', (request, reply, payload, done) => {
      reply.headers(rateHeaders(this.of(request)));
      done(null, payload);
    });
  }

  private timeoutOf({ headers, routeOptions }: FastifyRequest): number | undefined | Error {
    const asked = headers[DEADLINE_HEADER];
    const most = this.configuration.requestTimeoutMs || undefined;
    // A stream goes on for as long as it is read, unless its caller says until when.
    if (asked === undefined) return routeOptions.url?.endsWith('/stream') ? undefined : most;
    if (typeof asked !== 'string' || !/^[1-9]\d{0,9}$/.test(asked) || Number(asked) > MOST_MS)
      return new InvalidArgumentError(
        `${DEADLINE_HEADER} must be a whole number of milliseconds from 1 to ${MOST_MS}`,
        {
          field: DEADLINE_HEADER,
        },
      );
    return most === undefined ? Number(asked) : Math.min(most, Number(asked));
  }
}

function deadline(ms: number, reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DeadlineExceededError()), Math.max(0, ms));
  reply.raw.once('close', () => clearTimeout(timer));
  return controller.signal;
}
