import { EngineError, type Principal } from '@sutra-embedder/engine';
import { addressKey, RateCaller, type Quota } from './caller';

export const WINDOW_SECONDS = 60;

/** How much of something one caller may have a minute. */
export interface RateLimit {
  /** As it stands in RateLimit-Policy. */
  readonly name: string;
  readonly of: 'requests' | 'tokens';
  readonly by: 'key' | 'address';
  readonly limit: number;
  /** @returns what is left; `exceeded` where it was not enough */
  take(key: string, count: number): Promise<Quota & { readonly exceeded: boolean }>;
  giveBack(key: string, count: number): Promise<void>;
}

/** Holds every caller to what it may have, on every transport. Without limits nothing is counted. */
export class RateLimits {
  readonly active: boolean;
  /** Whether tokens are charged for. */
  readonly metered: boolean;
  private readonly ofTokens: readonly RateLimit[];
  private readonly ofAddresses: readonly RateLimit[];
  private readonly ofKeys: readonly RateLimit[];

  constructor(
    limits: readonly RateLimit[],
    private readonly onRefused: (limit: RateLimit) => void = () => undefined,
  ) {
    this.ofTokens = limits.filter(({ of }) => of === 'tokens');
    this.ofAddresses = limits.filter(({ of, by }) => of === 'requests' && by === 'address');
    this.ofKeys = limits.filter(({ of, by }) => of === 'requests' && by === 'key');
    this.active = limits.length > 0;
    this.metered = this.ofTokens.length > 0;
  }

  caller(address: string): RateCaller {
    if (!this.metered) return new RateCaller(address);
    const caller: RateCaller = new RateCaller(address, (tokens) => this.takeAll(caller, this.ofTokens, tokens));
    return caller;
  }

  /**
   * A request has come, and nobody knows yet whose it is.
   * @throws EngineError RATE_LIMITED
   */
  fromAddress(caller: RateCaller): void | Promise<void> {
    return this.takeAll(caller, this.ofAddresses, 1);
  }

  /** @throws EngineError RATE_LIMITED */
  fromPrincipal(caller: RateCaller, principal: Principal): void | Promise<void> {
    caller.principal = principal;
    return this.takeAll(caller, this.ofKeys, 1);
  }

  private takeAll(caller: RateCaller, limits: readonly RateLimit[], count: number): void | Promise<void> {
    if (limits.length > 0) return this.takeEach(caller, limits, count);
  }

  private async takeEach(caller: RateCaller, limits: readonly RateLimit[], count: number): Promise<void> {
    const taken: { limit: RateLimit; key: string }[] = [];
    for (const limit of limits) {
      const { of, by } = limit;
      const key = by === 'key' ? caller.principal?.id : addressKey(caller.address);
      if (key === undefined) continue;
      if (of === 'tokens' && count > limit.limit) throw tooLarge(limit, count);
      const quota = await limit.take(key, count);
      caller.quotas.set(limit.name, quota);
      taken.push({ limit, key });
      if (!quota.exceeded) continue;
      this.onRefused(limit);
      // Tokens that are refused are not run: a smaller request may still fit. Refused requests stay counted.
      if (of === 'tokens') await Promise.all(taken.map((one) => one.limit.giveBack(one.key, count)));
      throw new EngineError('RATE_LIMITED', `More than ${limit.limit} ${of} a minute; send the rest later`, {
        retryAfterMs: Math.max(1, quota.resetMs),
        details: { limit: limit.limit, of, by, window_seconds: WINDOW_SECONDS },
      });
    }
  }
}

/** It would never be let through, however long its caller waits. */
function tooLarge({ limit }: RateLimit, tokens: number): EngineError {
  return new EngineError(
    'PAYLOAD_TOO_LARGE',
    `The request has ${tokens} tokens where ${limit} a minute are allowed; send fewer texts at a time`,
    { details: { tokens, limit, window_seconds: WINDOW_SECONDS } },
  );
}
