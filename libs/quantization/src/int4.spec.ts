import { processorConformance, sampleModel } from '@sutra-embedder/engine/testing';
import fc from 'fast-check';
import { cosineInt4, decodeInt4, dotInt4, encodeInt4, Int4Processor } from './int4';

const task = { model: sampleModel(), from: 384, to: 384, scheme: 'int4', normalize: true } as const;

processorConformance(
  'Int4Processor',
  () => new Int4Processor(),
  [
    task,
    { ...task, from: 67, to: 67, normalize: false },
    { ...task, from: 1, to: 1 },
    { ...task, from: 4096, to: 4096 },
  ],
  {
    refused: [
      { ...task, to: 256 },
      { ...task, scheme: 'int8' },
    ],
  },
);

const vector = fc
  .array(fc.float({ min: Math.fround(-1e4), max: Math.fround(1e4), noNaN: true }), { minLength: 1, maxLength: 200 })
  .map((values) => Float32Array.from(values));

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

function cosine(a: Float32Array, b: Float32Array): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** The plain way: the largest value gets the largest code. */
function uncalibrated(values: Float32Array): Float32Array {
  const step = Math.max(...values.map(Math.abs)) / 7;
  return values.map((value) => Math.round(value / step));
}

/** Sums of 12 evenly distributed values: close to normally distributed, from a fixed sequence. */
function bellShaped(length: number): Float32Array {
  let state = 7;
  return Float32Array.from({ length }, () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32;
    }
    return sum;
  });
}

describe('int4', () => {
  it('puts even dimensions in the low four bits, odd ones in the high four, in two’s complement', () => {
    // Whole numbers from -8 to 7 are coded without loss, by themselves.
    const values = Float32Array.of(-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7);
    const coded = encodeInt4(values);
    expect([...coded.bytes]).toEqual([0x98, 0xba, 0xdc, 0xfe, 0x10, 0x32, 0x54, 0x76]);
    expect(coded.scale).toBe(1);
    expect(decodeInt4(coded)).toEqual(values);
  });

  it('pads an odd length with four zero bits', () => {
    const coded = encodeInt4(Float32Array.of(1, -1, -1));
    expect(coded.bytes).toHaveLength(2);
    expect((coded.bytes[1] as number) >> 4).toBe(0);
    expect(decodeInt4(coded)).toHaveLength(3);
  });

  it('gives the zero vector scale 0 and codes 0', () => {
    const coded = encodeInt4(new Float32Array(5));
    expect(coded).toEqual({ bytes: new Uint8Array(3), dimensions: 5, scale: 0 });
    expect(cosineInt4(coded, coded)).toBe(0);
  });

  it('keeps a cosine above 0.994 for bell-shaped values', () => {
    const values = bellShaped(4096);
    expect(cosine(values, decodeInt4(encodeInt4(values)))).toBeGreaterThan(0.994);
  });

  it('clips an outlier no further than pays', () => {
    const values = bellShaped(384);
    values[5] = 12;
    expect(cosine(values, decodeInt4(encodeInt4(values)))).toBeGreaterThan(cosine(values, uncalibrated(values)));
  });

  it('is never much worse than the plain way, whatever the values', () => {
    fc.assert(
      fc.property(vector, (values) => {
        fc.pre(dot(values, values) > 1e-30);
        const calibrated = cosine(values, decodeInt4(encodeInt4(values)));
        expect(calibrated).toBeGreaterThan(cosine(values, uncalibrated(values)) - 0.01);
      }),
    );
  });

  it('takes the least-squares scale: no other brings the same codes nearer', () => {
    fc.assert(
      fc.property(vector, (values) => {
        const coded = encodeInt4(values);
        const error = (scale: number) => {
          const decoded = decodeInt4({ ...coded, scale });
          return values.reduce((sum, value, i) => sum + (value - (decoded[i] as number)) ** 2, 0);
        };
        const slack = 1e-9 * dot(values, values);
        expect(error(coded.scale)).toBeLessThanOrEqual(error(coded.scale * 1.01) + slack);
        expect(error(coded.scale)).toBeLessThanOrEqual(error(coded.scale * 0.99) + slack);
      }),
    );
  });

  it('computes dot product and cosine on codes as on decoded values', () => {
    fc.assert(
      fc.property(vector, vector, (x, y) => {
        const length = Math.min(x.length, y.length);
        const [a, b] = [encodeInt4(x.subarray(0, length)), encodeInt4(y.subarray(0, length))];
        const [p, q] = [decodeInt4(a), decodeInt4(b)];
        const size = Math.sqrt(dot(p, p) * dot(q, q));
        expect(Math.abs(dotInt4(a, b) - dot(p, q))).toBeLessThanOrEqual(1e-6 * size);
        if (size > 0) expect(cosineInt4(a, b)).toBeCloseTo(dot(p, q) / size, 5);
      }),
    );
  });

  it('refuses vectors of different lengths', () => {
    expect(() => dotInt4(encodeInt4(Float32Array.of(1)), encodeInt4(Float32Array.of(1, 2)))).toThrow(RangeError);
  });

  it('codes rows as encodeInt4 codes each vector', () => {
    const values = bellShaped(33);
    const coded = new Int4Processor().prepare({ ...task, from: 11, to: 11 }).apply({ rows: 3, dimensions: 11, values });
    for (let row = 0; row < 3; row++) {
      const alone = encodeInt4(values.subarray(row * 11, row * 11 + 11));
      expect(coded.codes?.bytes.slice(row * 6, row * 6 + 6)).toEqual(alone.bytes);
      expect(coded.codes?.scales?.[row]).toBe(alone.scale);
      expect(coded.values.slice(row * 11, row * 11 + 11)).toEqual(decodeInt4(alone));
    }
  });
});
