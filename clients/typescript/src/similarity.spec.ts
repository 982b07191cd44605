import fc from 'fast-check';
import { batchCosineSimilarity, cosineSimilarity, findMostSimilar, hamming } from './similarity.ts';

const vector = (length: number) =>
  fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: length, maxLength: length });

describe('cosineSimilarity', () => {
  it('of known vectors', () => {
    expect(cosineSimilarity([1, 0], [0, 2])).toBe(0);
    expect(cosineSimilarity([1, 2], [2, 4])).toBeCloseTo(1, 15);
    expect(cosineSimilarity(Float32Array.of(1, 0), [-3, 0])).toBe(-1);
    expect(cosineSimilarity(Int8Array.of(3, 4), Int8Array.of(4, 3))).toBeCloseTo(24 / 25, 15);
  });

  it('of the zero vector is 0, not NaN', () => expect(cosineSimilarity([0, 0], [1, 1])).toBe(0));

  it('never leaves -1 to 1', () =>
    fc.assert(
      fc.property(vector(5), (a) => {
        const same = cosineSimilarity(a, a);
        expect(Math.abs(same)).toBeLessThanOrEqual(1);
      }),
    ));

  it('refuses different lengths', () => expect(() => cosineSimilarity([1], [1, 2])).toThrow(RangeError));
});

it('batchCosineSimilarity gives the cosine of every pair', () => {
  fc.assert(
    fc.property(fc.array(vector(4), { maxLength: 4 }), fc.array(vector(4), { maxLength: 4 }), (a, b) => {
      const expected = a.map((x) => Float64Array.from(b, (y) => cosineSimilarity(x, y)));
      expect(batchCosineSimilarity(a, b)).toEqual(expected);
    }),
  );
});

describe('findMostSimilar', () => {
  it('gives what sorting all would give', () => {
    fc.assert(
      fc.property(
        vector(3),
        fc.array(vector(3), { maxLength: 20 }),
        fc.integer({ min: 1, max: 8 }),
        (query, all, k) => {
          const sorted = all
            .map((candidate, index) => ({ index, score: cosineSimilarity(query, candidate) }))
            .sort((a, b) => b.score - a.score || a.index - b.index);
          expect(findMostSimilar(query, all, k)).toEqual(sorted.slice(0, k));
        },
      ),
    );
  });

  it('gives five unless asked for another number, and refuses none', () => {
    const all = Array.from({ length: 9 }, (_, i) => [1, i]);
    expect(findMostSimilar([1, 0], all)).toHaveLength(5);
    expect(() => findMostSimilar([1, 0], all, 0)).toThrow(RangeError);
  });
});

describe('hamming', () => {
  it('counts differing bits', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (a) => {
        const b = a.map((byte, i) => byte ^ ((i * 37) & 255));
        const bits = [...a].reduce((sum, byte, i) => {
          const differing = byte ^ (b[i] as number);
          return sum + differing.toString(2).replaceAll('0', '').length;
        }, 0);
        expect(hamming(a, b)).toBe(bits);
      }),
    );
  });

  it('refuses different lengths', () => {
    expect(() => hamming(new Uint8Array(2), new Uint8Array(3))).toThrow(RangeError);
  });
});
