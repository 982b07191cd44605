import { createHash } from 'node:crypto';
import { processorConformance, sampleModel } from '@sutra-embedder/engine/testing';
import fc from 'fast-check';
import { Isometry } from './isometry';
import { IsometryProcessor } from './isometry-processor';

const task = { model: sampleModel(), from: 384, to: 2048, scheme: 'none', normalize: true } as const;

processorConformance(
  'IsometryProcessor',
  () => new IsometryProcessor(),
  [task, { ...task, to: 385 }, { ...task, to: 1000 }, { ...task, from: 67, to: 131 }, { ...task, from: 1, to: 2 }],
  {
    refused: [
      { ...task, to: 384 },
      { ...task, to: 64 },
      { ...task, to: 4097 },
    ],
  },
);

describe('Isometry', () => {
  it('keeps every cosine to 1e-6, from any length to any that is no shorter', () => {
    const lengths = fc
      .tuple(fc.integer({ min: 1, max: 800 }), fc.integer({ min: 1, max: 4096 }))
      .filter(([from, to]) => from <= to);
    fc.assert(
      fc.property(lengths, fc.integer(), ([from, to], seed) => {
        const [a, b] = [sequence(from, seed), sequence(from, seed + 1)];
        const [p, q] = [expand(a, to), expand(b, to)];
        expect(Math.abs(cosine(p, q) - cosine(a, b))).toBeLessThan(1e-6);
        expect(Math.abs(dot(p, p) / dot(a, a) - 1)).toBeLessThan(1e-6);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the axes themselves orthonormal', () => {
    for (const to of [5, 6, 9, 63, 64, 65, 127, 200]) {
      const images = Array.from({ length: 5 }, (_, axis) => {
        const unit = new Float32Array(5);
        unit[axis] = 1;
        return expand(unit, to);
      });
      images.forEach((p, i) => images.forEach((q, j) => expect(dot(p, q)).toBeCloseTo(i === j ? 1 : 0, 6)));
    }
  });

  // Vectors that users have stored depend on these bits: a change here is a change of the product.
  it.each([
    [384, 385, 'a852b8eab6b79cc9'],
    [384, 512, 'a4a78e349a9d34f8'],
    [384, 1000, 'a1976dcc9a2e8ae6'],
    [384, 2048, 'ad1240c59c1ab6a7'],
    [384, 4096, 'bf6d25447d51d557'],
    [768, 1024, 'ffc94b8e3fd0d13d'],
  ])('from %d to %d gives the bits that it always gave', (from, to, checksum) => {
    const image = expand(sequence(from, 42), to);
    const bytes = Buffer.alloc(to * 4);
    image.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
    expect(createHash('sha256').update(bytes).digest('hex').slice(0, 16)).toBe(checksum);
  });

  it('spreads a vector of one value over all dimensions', () => {
    for (const to of [400, 512, 1000, 2048]) {
      const unit = new Float32Array(384);
      unit[200] = 1;
      expect(Math.max(...expand(unit, to).map(Math.abs))).toBeLessThan(4 / Math.sqrt(to));
    }
  });

  it.each([
    [0, 5],
    [5, 4],
    [1.5, 4],
    [3, Infinity],
  ])('refuses to lead from %d to %d', (from, to) => {
    expect(() => new Isometry(from, to)).toThrow(RangeError);
  });
});

function expand(values: Float32Array, to: number): Float32Array {
  const image = new Float32Array(to);
  new Isometry(values.length, to).apply(values, 0, image, 0);
  return image;
}

/** Values from -1 to 1 that depend on integers alone. */
function sequence(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

function cosine(a: Float32Array, b: Float32Array): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
