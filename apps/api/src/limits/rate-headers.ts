import type { RateCaller } from './caller';
import { WINDOW_SECONDS } from './rate-limits';

/** What a caller may still have, as draft-ietf-httpapi-ratelimit-headers has it. */
export function rateHeaders({ quotas }: RateCaller): Record<string, string> {
  if (quotas.size === 0) return {};
  const each = [...quotas];
  return {
    'ratelimit-policy': each.map(([name, { limit }]) => `"${name}";q=${limit};w=${WINDOW_SECONDS}`).join(', '),
    ratelimit: each
      .map(([name, { remaining, resetMs }]) => `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`)
      .join(', '),
  };
}
