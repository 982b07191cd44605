import { cacheConformance } from '../testing/cache-conformance';
import { MemoryCache } from './memory-cache';

cacheConformance('the memory cache', (maxBytes) => new MemoryCache(maxBytes));

describe('MemoryCache', () => {
  it('lets go of the least recently used first', () => {
    const cache = new MemoryCache(1000);
    const vector = new Float32Array(25);
    for (const key of ['a', 'b', 'c']) cache.set(key, vector);
    cache.get('a');
    cache.set('d', vector);
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key))).toEqual(['a', 'c', 'd']);
  });
});
