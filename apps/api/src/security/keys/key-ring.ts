import { timingSafeEqual } from 'node:crypto';
import type { Principal } from '@sutra-embedder/engine';
import { hashSecret, parseApiKey } from './api-key';
import type { KeyRecord } from './key-file';

interface Held {
  readonly principal: Principal;
  readonly salt: Buffer;
  readonly hash: Buffer;
  /** Milliseconds since 1970; 0 for a revoked key. */
  readonly validUntil: number;
}

/** Compared with where no record has the id, so that a wrong id takes as long as a wrong secret. */
const NOBODY: Held = {
  principal: { id: 'nobody', scopes: [] },
  salt: Buffer.alloc(16),
  hash: Buffer.alloc(32),
  validUntil: 0,
};

/** The keys of a file, ready to be asked. */
export class KeyRing {
  private readonly held: ReadonlyMap<string, Held>;

  constructor(records: readonly KeyRecord[]) {
    this.held = new Map(records.map((record) => [record.id, hold(record)]));
  }

  /** Keys that are valid at this time. */
  usable(now: number): number {
    return [...this.held.values()].filter(({ validUntil }) => now < validUntil).length;
  }

  /** Whose key it is; undefined for one that is unknown, wrong, expired or revoked. */
  find(token: string, now: number): Principal | undefined {
    const key = parseApiKey(token);
    if (!key) return undefined;
    const { principal, salt, hash, validUntil } = this.held.get(key.id) ?? NOBODY;
    return timingSafeEqual(hashSecret(key.secret, salt), hash) && now < validUntil ? principal : undefined;
  }
}

function hold({ id, scope, salt, hash, expires, revoked }: KeyRecord): Held {
  return {
    principal: Object.freeze({ id: `key:${id}`, scopes: Object.freeze([scope]) }),
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
    validUntil: revoked !== undefined ? 0 : expires === undefined ? Infinity : Date.parse(expires),
  };
}
