import assert from 'node:assert/strict';
import type { ResultCache } from '../contracts';
import { globalRunner, type TestRunner } from './test-runner';

/**
 * Registers the tests that every `ResultCache` must pass.
 * @param name how the tests call the cache.
 * @param make gives a fresh cache that holds at most so many bytes; called once a test.
 */
export function cacheConformance(
  name: string,
  make: (maxBytes: number) => ResultCache,
  { runner = globalRunner() }: { readonly runner?: TestRunner } = {},
): void {
  const { describe, it } = runner;
  describe(`${name} keeps the contract of ResultCache`, () => {
    it('gives back what was put in, and nothing else', () => {
      const cache = make(1 << 20);
      cache.set('a', Float32Array.of(1, 2));
      assert.deepEqual(cache.get('a'), Float32Array.of(1, 2));
      assert.equal(cache.get('b'), undefined);
    });

    it('replaces a value', () => {
      const cache = make(1 << 20);
      cache.set('a', Float32Array.of(1));
      cache.set('a', Float32Array.of(2));
      assert.deepEqual(cache.get('a'), Float32Array.of(2));
    });

    it('is not changed by what happens to the vector that was put in', () => {
      const cache = make(1 << 20);
      const batch = Float32Array.of(1, 2, 3, 4);
      cache.set('a', batch.subarray(0, 2));
      batch.fill(9);
      assert.deepEqual(cache.get('a'), Float32Array.of(1, 2));
    });

    it('stays within its bytes, whatever is put in', () => {
      const cache = make(10_000);
      for (let i = 0; i < 1000; i++) {
        cache.set(`key ${i}`, new Float32Array(1 + (i % 300)).fill(i));
        assert.ok(cache.bytes <= 10_000, `it holds ${cache.bytes} bytes`);
      }
      assert.ok(cache.bytes > 0);
    });

    it('does not keep what is larger than itself', () => {
      const cache = make(100);
      cache.set('a', new Float32Array(1000));
      assert.equal(cache.get('a'), undefined);
    });
  });
}
