import { processorConformance, sampleModel } from '@sutra-embedder/engine/testing';
import fc from 'fast-check';
import {
  BinaryProcessor,
  cosineBinary,
  decodeBinary,
  encodeBinary,
  fromSignedBinary,
  hammingDistance,
  toSignedBinary,
} from './binary';

const task = { model: sampleModel(), from: 384, to: 384, scheme: 'binary', normalize: true } as const;

processorConformance(
  'BinaryProcessor',
  () => new BinaryProcessor(),
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
  .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 100 })
  .map((values) => Float32Array.from(values));

describe('binary', () => {
  it('packs the first dimension into the most significant bit, as np.packbits(x > 0) does', () => {
    // np.packbits(np.array([.5, -1, 0, 2, -.1, -.2, -.3, 1, 1]) > 0) -> [145, 128]
    const bytes = encodeBinary(Float32Array.of(0.5, -1, 0, 2, -0.1, -0.2, -0.3, 1, 1));
    expect([...bytes]).toEqual([145, 128]);
    // sentence-transformers: (packbits - 128).astype(int8)
    expect([...toSignedBinary(bytes)]).toEqual([17, 0]);
  });

  it('gives bit 0 to 0, -0 and negative values, bit 1 to the smallest positive one', () => {
    expect([...encodeBinary(Float32Array.of(0, -0, -1e-45, 1e-45, -3e38, 3e38, 1, -1))]).toEqual([0b00010110]);
  });

  it('equals a comparison with 0, bit by bit', () => {
    fc.assert(
      fc.property(vector, (values) => {
        const bytes = encodeBinary(values);
        expect(bytes).toHaveLength(Math.ceil(values.length / 8));
        for (let i = 0; i < bytes.length * 8; i++) {
          const bit = ((bytes[i >> 3] as number) >> (7 - (i % 8))) & 1;
          expect(bit).toBe(i < values.length && (values[i] as number) > 0 ? 1 : 0);
        }
      }),
    );
  });

  it('decodes to plus or minus 1/sqrt(dimensions), a vector of length 1', () => {
    const decoded = decodeBinary(Uint8Array.of(0b10100000), 4);
    expect([...decoded]).toEqual([0.5, -0.5, 0.5, -0.5]);
    const long = decodeBinary(new Uint8Array(48), 384);
    expect(long.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 6);
  });

  it('codes what it decoded to the same bits', () => {
    fc.assert(
      fc.property(vector, (values) => {
        const bytes = encodeBinary(values);
        expect(encodeBinary(decodeBinary(bytes, values.length))).toEqual(bytes);
      }),
    );
  });

  it('turns packed bits into signed bytes and back', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const signed = toSignedBinary(all);
    expect([signed[0], signed[128], signed[255]]).toEqual([-128, 0, 127]);
    expect(fromSignedBinary(signed)).toEqual(all);
  });

  it('counts differing bits, and derives the cosine of the decoded vectors from them', () => {
    expect(hammingDistance(Uint8Array.of(0b11110000, 1), Uint8Array.of(0b10101010, 1))).toBe(4);
    fc.assert(
      fc.property(vector, vector, (x, y) => {
        const length = Math.min(x.length, y.length);
        const [a, b] = [encodeBinary(x.subarray(0, length)), encodeBinary(y.subarray(0, length))];
        const [p, q] = [decodeBinary(a, length), decodeBinary(b, length)];
        const dot = p.reduce((sum, value, i) => sum + value * (q[i] as number), 0);
        expect(cosineBinary(a, b, length)).toBeCloseTo(dot, 5);
      }),
    );
  });

  it('refuses codes of different or wrong lengths', () => {
    expect(() => hammingDistance(new Uint8Array(2), new Uint8Array(3))).toThrow(RangeError);
    expect(() => decodeBinary(new Uint8Array(2), 17)).toThrow(RangeError);
  });

  it('codes rows as encodeBinary codes each vector', () => {
    const values = Float32Array.from({ length: 33 }, (_, i) => Math.sin(i * i));
    const coded = new BinaryProcessor()
      .prepare({ ...task, from: 11, to: 11 })
      .apply({ rows: 3, dimensions: 11, values });
    for (let row = 0; row < 3; row++) {
      const alone = encodeBinary(values.subarray(row * 11, row * 11 + 11));
      expect(coded.codes?.bytes.slice(row * 2, row * 2 + 2)).toEqual(alone);
      expect(coded.values.slice(row * 11, row * 11 + 11)).toEqual(decodeBinary(alone, 11));
    }
  });
});
