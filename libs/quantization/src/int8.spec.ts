import { processorConformance, sampleModel } from '@sutra-embedder/engine/testing';
import fc from 'fast-check';
import { cosineInt8, decodeInt8, dotInt8, encodeInt8, Int8Processor } from './int8';

const task = { model: sampleModel(), from: 384, to: 384, scheme: 'int8', normalize: true } as const;

processorConformance(
  'Int8Processor',
  () => new Int8Processor(),
  [task, { ...task, from: 67, to: 67, normalize: false }, { ...task, from: 4096, to: 4096 }],
  {
    refused: [
      { ...task, to: 256 },
      { ...task, scheme: 'int4' },
    ],
  },
);

const vector = fc
  .array(fc.float({ min: Math.fround(-1e4), max: Math.fround(1e4), noNaN: true }), { minLength: 1, maxLength: 200 })
  .map((values) => Float32Array.from(values));

describe('int8', () => {
  it('codes by hand-computed values, ties to even', () => {
    // max 127 makes the scale 1, so codes are the rounded values themselves.
    const coded = encodeInt8(Float32Array.of(127, 0.5, -0.5, 1.5, -1.5, 0.49, -2.51, 0));
    expect([...coded.codes]).toEqual([127, 0, 0, 2, -2, 0, -3, 0]);
    expect(coded.scale).toBe(1);
    expect([...decodeInt8(coded)]).toEqual([127, 0, 0, 2, -2, 0, -3, 0]);
  });

  it('gives the zero vector scale 0 and codes 0', () => {
    const coded = encodeInt8(new Float32Array(5));
    expect(coded).toEqual({ codes: new Int8Array(5), scale: 0 });
    expect(decodeInt8(coded)).toEqual(new Float32Array(5));
    expect(cosineInt8(coded, coded)).toBe(0);
  });

  it('is off by at most half a step', () => {
    fc.assert(
      fc.property(vector, (values) => {
        const coded = encodeInt8(values);
        const decoded = decodeInt8(coded);
        const step = Math.max(...values.map(Math.abs)) / 127;
        values.forEach((value, i) =>
          expect(Math.abs(value - (decoded[i] as number))).toBeLessThanOrEqual(step * 0.50001 + 2e-36),
        );
      }),
    );
  });

  it('decodes to values that code to themselves', () => {
    fc.assert(
      fc.property(vector, (values) => {
        const once = encodeInt8(values);
        expect(encodeInt8(decodeInt8(once)).codes).toEqual(once.codes);
      }),
    );
  });

  it('codes the opposite vector with the opposite codes', () => {
    fc.assert(
      fc.property(vector, (values) => {
        const { codes, scale } = encodeInt8(values);
        const opposite = encodeInt8(values.map((x) => -x));
        expect(opposite.scale).toBe(scale);
        codes.forEach((code, i) => expect((opposite.codes[i] as number) + code).toBe(0));
      }),
    );
  });

  it('computes dot product and cosine on codes as on decoded values', () => {
    fc.assert(
      fc.property(vector, vector, (x, y) => {
        const length = Math.min(x.length, y.length);
        const [a, b] = [encodeInt8(x.subarray(0, length)), encodeInt8(y.subarray(0, length))];
        const [p, q] = [decodeInt8(a), decodeInt8(b)];
        const dot = (m: Float32Array, n: Float32Array) =>
          m.reduce((sum, value, i) => sum + value * (n[i] as number), 0);
        const size = Math.sqrt(dot(p, p) * dot(q, q));
        expect(Math.abs(dotInt8(a, b) - dot(p, q))).toBeLessThanOrEqual(1e-6 * size);
        if (size > 0) expect(cosineInt8(a, b)).toBeCloseTo(dot(p, q) / size, 5);
      }),
    );
  });

  it('refuses vectors of different lengths', () => {
    expect(() => dotInt8(encodeInt8(Float32Array.of(1)), encodeInt8(Float32Array.of(1, 2)))).toThrow(RangeError);
  });

  it('codes rows as encodeInt8 codes each vector', () => {
    const values = Float32Array.from({ length: 30 }, (_, i) => Math.sin(i) * (i < 10 ? 1 : 3));
    const { codes } = new Int8Processor()
      .prepare({ ...task, from: 10, to: 10 })
      .apply({ rows: 3, dimensions: 10, values });
    for (let row = 0; row < 3; row++) {
      const alone = encodeInt8(values.subarray(row * 10, row * 10 + 10));
      expect([...(codes?.bytes.subarray(row * 10, row * 10 + 10) ?? [])]).toEqual([
        ...new Uint8Array(alone.codes.buffer),
      ]);
      expect(codes?.scales?.[row]).toBe(alone.scale);
    }
  });
});
