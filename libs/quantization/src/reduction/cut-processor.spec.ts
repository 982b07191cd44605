import { processorConformance, sampleModel } from '@sutra-embedder/engine/testing';
import { CutProcessor } from './cut-processor';

const task = { model: sampleModel(), from: 384, to: 256, scheme: 'none', normalize: true } as const;

processorConformance(
  'CutProcessor',
  () => new CutProcessor(),
  [task, { ...task, to: 67 }, { ...task, to: 1 }, { ...task, normalize: false }],
  {
    refused: [
      { ...task, to: 384 },
      { ...task, to: 385 },
      { ...task, to: 0 },
    ],
  },
);

describe('CutProcessor', () => {
  const vectors = { rows: 2, dimensions: 3, values: Float32Array.of(3, 4, 12, 0, 0, 5) };

  it('keeps the first dimensions and makes rows as long as 1', () => {
    const out = new CutProcessor().prepare({ ...task, from: 3, to: 2 }).apply(vectors);
    expect([...out.values]).toEqual([Math.fround(0.6), Math.fround(0.8), 0, 0]);
  });

  it('keeps values as they are when the caller wants no normalized vectors', () => {
    const out = new CutProcessor().prepare({ ...task, from: 3, to: 2, normalize: false }).apply(vectors);
    expect([...out.values]).toEqual([3, 4, 0, 0]);
  });
});
