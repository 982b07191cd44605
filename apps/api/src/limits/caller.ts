import type { EmbedGate, Principal } from '@sutra-embedder/engine';

/** What a limit has left for a caller. */
export interface Quota {
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
}

/** Who a call is charged to. */
export class RateCaller implements EmbedGate {
  principal: Principal | undefined;
  signal: AbortSignal | undefined;
  /** As of the last time each limit was looked at, by its name. */
  readonly quotas = new Map<string, Quota>();

  constructor(
    readonly address: string,
    readonly charge: EmbedGate['charge'] = undefined,
  ) {}
}

/** An address as a limit sees it. Whoever has one IPv6 address has a whole /64 of them. */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined ? first : [...first, ...new Array<string>(8 - first.length - last.length).fill('0'), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
