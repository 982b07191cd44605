import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelNotAvailableError } from '@sutra-embedder/engine';
import { processorConformance, sampleModel } from '@sutra-embedder/engine/testing';
import { PcaProcessor } from './pca-processor';

const folder = mkdtempSync(join(tmpdir(), 'sutra-pca-'));
afterAll(() => rmSync(folder, { recursive: true }));

const DIMENSIONS = 96;
const axes = orthonormalAxes(DIMENSIONS);
const rotation = { path: write('rotation.bin', axes), axes: 80, fittedOn: 'nothing' };
const model = sampleModel({ dimensions: DIMENSIONS, rotation, trainedDimensions: [64] });
const task = { model, from: DIMENSIONS, to: 48, scheme: 'none', normalize: true } as const;

processorConformance(
  'PcaProcessor',
  () => new PcaProcessor(),
  [task, { ...task, to: 47 }, { ...task, to: 80, normalize: false }, { ...task, to: 1 }],
  {
    refused: [
      { ...task, to: DIMENSIONS },
      { ...task, to: 200 },
      { ...task, to: 0 },
      { ...task, to: 81 },
      { ...task, to: 64 },
      { ...task, from: 95 },
      { ...task, model: sampleModel({ dimensions: DIMENSIONS }) },
    ],
  },
);

describe('PcaProcessor', () => {
  const reduce = async (values: Float32Array, to: number) => {
    const step = await new PcaProcessor().prepare({ ...task, to, normalize: false });
    return step.apply({ rows: values.length / DIMENSIONS, dimensions: DIMENSIONS, values }).values;
  };

  it('keeps what lies along the first axes, at right angles, and drops the rest', async () => {
    const out = await reduce(Float32Array.from([0, 3, 4, 5, 79].flatMap((k) => [...axis(k)])), 5);
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 5; j++) {
        const dot = [0, 1, 2, 3, 4].reduce(
          (sum, k) => sum + (out[i * 5 + k] as number) * (out[j * 5 + k] as number),
          0,
        );
        expect(dot).toBeCloseTo(i === j && i < 3 ? 1 : 0, 6);
      }
    }
  });

  it('spreads a value along one axis over all dimensions, so that codes have even work', async () => {
    for (const to of [48, 63, 77]) {
      const out = await reduce(axis(0), to);
      expect(Math.max(...out.map(Math.abs))).toBeLessThan(4 / Math.sqrt(to));
    }
  });

  it.each([
    ['is missing', join(folder, 'missing.bin'), /cannot be read/],
    ['is of another size', write('short.bin', axes.subarray(DIMENSIONS)), /bytes/],
    ['holds no axes', write('zero.bin', new Float32Array(axes.length)), /axis/],
    ['holds NaN', write('nan.bin', new Float32Array(axes.length).fill(NaN)), /axis/],
  ])('says what to do when the rotation %s', async (_, path, message) => {
    const broken = sampleModel({ dimensions: DIMENSIONS, rotation: { ...rotation, path } });
    const preparing = new PcaProcessor().prepare({ ...task, model: broken });
    await expect(preparing).rejects.toThrow(ModelNotAvailableError);
    await expect(preparing).rejects.toThrow(message);
    await expect(preparing).rejects.toThrow(/Install the model again/);
    await expect(preparing).rejects.not.toThrow(path);
  });
});

/** The file holds 80 of the axes. */
function write(name: string, values: Float32Array): string {
  const path = join(folder, name);
  const bytes = Buffer.alloc(Math.min(80 * DIMENSIONS, values.length) * 4);
  for (let i = 0; i < bytes.length / 4; i++) bytes.writeFloatLE(values[i] as number, i * 4);
  writeFileSync(path, bytes.subarray(0, name === 'short.bin' ? bytes.length - 4 : bytes.length));
  return path;
}

function axis(k: number): Float32Array {
  return axes.subarray(k * DIMENSIONS, (k + 1) * DIMENSIONS);
}

/** The discrete cosine basis: orthonormal, with no symmetry between rows and columns that could hide a mix-up. */
function orthonormalAxes(n: number): Float32Array {
  return Float32Array.from({ length: n * n }, (_, at) => {
    const [k, i] = [Math.floor(at / n), at % n];
    return Math.sqrt((k === 0 ? 1 : 2) / n) * Math.cos((Math.PI * (2 * i + 1) * k) / (2 * n));
  });
}
