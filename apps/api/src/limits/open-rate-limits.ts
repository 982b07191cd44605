import { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateConfiguration } from '../config/limits-configuration';
import { WINDOW_SECONDS, type RateLimit } from './rate-limits';

/** A command to Redis may take so long: a caller waits for it. */
const COMMAND_MS = 250;

/** Where counts are kept, and whether it can be reached. */
export interface RateStore {
  readonly limits: readonly RateLimit[];
  /** Undefined where counts are kept in this process. */
  readonly connected: boolean | undefined;
  close(): void;
}

/**
 * @param onStore told when the shared store comes or goes; while it is away each process counts for itself
 */
export function openRateLimits(
  { redisUrl, limits }: RateConfiguration,
  onStore: (connected: boolean, reason?: Error) => void,
): RateStore {
  const redis = redisUrl === undefined ? undefined : connect(redisUrl, onStore);
  return {
    limits: limits.map((limit) => open(limit, redis)),
    get connected() {
      return redis && redis.status === 'ready';
    },
    close: () => redis?.disconnect(),
  };
}

function connect(url: string, onStore: (connected: boolean, reason?: Error) => void): Redis {
  const redis = new Redis(url, {
    // A command is never kept for later: its caller is answered now.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_MS,
    connectTimeout: 2_000,
    retryStrategy: (attempts) => Math.min(attempts * 200, 5_000),
  });
  let connected: boolean | undefined;
  const tell = (now: boolean, reason?: Error) => {
    if (connected === now) return;
    connected = now;
    onStore(now, reason);
  };
  redis.on('ready', () => tell(true));
  redis.on('error', (error: Error) => tell(false, error));
  redis.on('close', () => tell(false));
  return redis;
}

function open({ name, of, by, limit }: RateConfiguration['limits'][number], redis: Redis | undefined): RateLimit {
  const options = { keyPrefix: `sutra:rate:${name}`, points: limit, duration: WINDOW_SECONDS };
  const memory = new RateLimiterMemory(options);
  const limiter = redis
    ? new RateLimiterRedis({
        ...options,
        storeClient: redis,
        insuranceLimiter: memory,
        // Who is over its requests is refused here until its window ends.
        ...(of === 'requests' && { inMemoryBlockOnConsumed: limit + 1 }),
      })
    : memory;
  const quotaOf = ({ consumedPoints, msBeforeNext }: RateLimiterRes, exceeded: boolean) => ({
    limit,
    remaining: Math.max(0, limit - consumedPoints),
    resetMs: Math.max(0, msBeforeNext),
    exceeded,
  });
  const taken = (result: RateLimiterRes) => quotaOf(result, false);
  const refused = (reason: unknown) => {
    if (reason instanceof RateLimiterRes) return quotaOf(reason, true);
    throw reason;
  };
  return {
    name,
    of,
    by,
    limit,
    take: (key, count) => limiter.consume(key, count).then(taken, refused),
    giveBack: async (key, count) => void (await limiter.reward(key, count)),
  };
}
