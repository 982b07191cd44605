import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { DeadlineExceededError, InvalidArgumentError, type EmbedGates } from '@sutra-embedder/engine';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Configuration } from '../config/configuration';
import { InjectConfiguration } from '../config/configuration.token';
import { TrustedProxies } from '../security/trusted-proxies';
import { RateCaller } from './caller';
import { rateHeaders } from './rate-headers';
import { RateLimits } from './rate-limits';

const DEADLINE_HEADER = 'x-request-timeout-ms';
/** Longest time-out that a timer can hold. */
const MOST_MS = 2 ** 31 - 1;
const CALLER = Symbol('rate caller');

/**
 * Remembers whose call is being served while it is, so that a plugin's code is charged to its caller, and ends with its
 * deadline, without knowing of either. Nothing is remembered where there is neither a limit nor a deadline.
 */
@Injectable()
export class Callers implements EmbedGates {
  private readonly storage = new AsyncLocalStorage<RateCaller>();
  private readonly proxies: TrustedProxies;

  constructor(
    readonly rates: RateLimits,
    @InjectConfiguration() private readonly configuration: Configuration,
  ) {
    this.proxies = new TrustedProxies(configuration.trustedProxies);
  }

  current(): RateCaller | undefined {
    return this.storage.getStore();
  }

  run<Result>(caller: RateCaller, act: () => Result): Result {
    return caller.charge || caller.signal ? this.storage.run(caller, act) : act();
  }

  /** @param peer finds out who is at the other end of the connection; not asked where nothing is limited */
  from(peer: () => string, forwardedFor: string | undefined): RateCaller {
    return this.rates.caller(this.rates.active ? this.proxies.callerOf(peer(), forwardedFor) : '');
  }

  /** The caller of an HTTP request. */
  of(request: FastifyRequest): RateCaller {
    const held = request as { [CALLER]?: RateCaller };
    return (held[CALLER] ??= this.rates.caller(request.ip));
  }

  /** Before the routes of plugins are claimed. */
  attach(fastify: FastifyInstance): void {
    fastify.addHook('preValidation', (request, reply, done) => {
      const timeout = this.timeoutOf(request);
      if (timeout instanceof Error) return done(timeout);
      if (timeout === undefined && !this.rates.metered) return done();
      const caller = this.of(request);
      if (timeout !== undefined) caller.signal = deadline(timeout - reply.elapsedTime, reply);
      this.run(caller, done);
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
