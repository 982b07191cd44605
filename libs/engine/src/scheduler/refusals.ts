import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** How long a text stays refused. By then its server may have another model, driver or version. */
export const REFUSED_FOR_MS = 600_000;
const MOST = 1_000;

/** Texts that ended two sessions, by the SHA-256 of their token ids, for a while. */
export class Refusals {
  private readonly hashes = new LRUCache<string, true>({ max: MOST, ttl: REFUSED_FOR_MS });

  /** @returns what it is known by from now on */
  add(ids: Int32Array): string {
    const hash = hashOf(ids);
    this.hashes.set(hash, true);
    return hash;
  }

  clear(): void {
    this.hashes.clear();
  }

  /** The hash of a text that is refused. Costs nothing while none is. */
  find(ids: Int32Array): string | undefined {
    if (this.hashes.size === 0) return undefined;
    const hash = hashOf(ids);
    return this.hashes.get(hash) && hash;
  }
}

function hashOf(ids: Int32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength))
    .digest('hex');
}
