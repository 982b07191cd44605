import { Global, Inject, Logger, Module, type OnModuleDestroy } from '@nestjs/common';
import { EMBED_GATES } from '@sutra-embedder/engine';
import { Counter, Gauge, register } from 'prom-client';
import type { Configuration } from '../config/configuration';
import { CONFIGURATION } from '../config/configuration.token';
import { Callers } from './callers';
import type * as Opening from './open-rate-limits';
import { RateLimits } from './rate-limits';

const STORE = Symbol('rate store');

@Global()
@Module({
  providers: [
    { provide: STORE, inject: [CONFIGURATION], useFactory: ({ rates }: Configuration) => openStore(rates) },
    {
      provide: RateLimits,
      inject: [STORE],
      useFactory: (store: Opening.RateStore | undefined) => {
        if (!store) return new RateLimits([]);
        const refused = counter();
        return new RateLimits(store.limits, ({ of, by }) => refused.inc({ of, by }));
      },
    },
    Callers,
    { provide: EMBED_GATES, useExisting: Callers },
  ],
  exports: [Callers, EMBED_GATES],
})
export class LimitsModule implements OnModuleDestroy {
  constructor(@Inject(STORE) private readonly store: Opening.RateStore | undefined) {}

  onModuleDestroy(): void {
    this.store?.close();
  }
}

function openStore(rates: Configuration['rates']): Opening.RateStore | undefined {
  if (rates.limits.length === 0) return undefined;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads limiters and Redis, which most do without
  const { openRateLimits } = require('./open-rate-limits') as typeof Opening;
  const logger = new Logger('RateLimits');
  const store = openRateLimits(rates, (connected, reason) => {
    if (connected) logger.log('Redis is here: rate limits are shared by all replicas');
    else
      logger.warn(`Redis is away (${reason?.message ?? 'closed'}): each replica holds its callers to the limits alone`);
  });
  if (store.connected !== undefined) {
    register.removeSingleMetric('sutra_rate_store_up');
    new Gauge({
      name: 'sutra_rate_store_up',
      help: 'Whether the store that replicas share their rate limits through can be reached',
      collect() {
        this.set(store.connected ? 1 : 0);
      },
    });
  }
  return store;
}

function counter(): Counter<'of' | 'by'> {
  register.removeSingleMetric('sutra_rate_limited_total');
  return new Counter({
    name: 'sutra_rate_limited_total',
    help: 'Calls refused by a rate limit: of requests or tokens, by key or address',
    labelNames: ['of', 'by'],
  });
}
