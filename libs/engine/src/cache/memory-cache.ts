import { LRUCache } from 'lru-cache';
import type { ResultCache } from '../contracts';
import { Cache } from '../plugins/decorators';

/** What an entry takes besides its vector and key: objects of V8 and of the list, rounded up. */
const ENTRY_BYTES = 200;

/** Least recently used vectors go first; bounded by bytes. */
@Cache()
export class MemoryCache implements ResultCache {
  readonly id = 'memory';
  private readonly entries: LRUCache<string, Float32Array>;

  constructor(maxBytes: number) {
    this.entries = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: maxBytes,
      sizeCalculation: (vector, key) => vector.byteLength + key.length * 2 + ENTRY_BYTES,
    });
  }

  get(key: string): Float32Array | undefined {
    return this.entries.get(key);
  }

  set(key: string, vector: Float32Array): void {
    // A copy: what is handed in is a view of a whole batch, which it would keep alive.
    this.entries.set(key, vector.slice());
  }

  get bytes(): number {
    return this.entries.calculatedSize;
  }
}
