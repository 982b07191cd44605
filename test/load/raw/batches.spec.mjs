import { sortedBatches, spreadOut } from './batches.mjs';

describe('sortedBatches', () => {
  const lengths = Int32Array.from({ length: 500 }, (_, i) => 5 + ((i * 37) % 252));

  it('holds every text once', () => {
    const rows = sortedBatches(lengths, 512).flatMap((batch) => [...batch]);
    expect(rows.sort((a, b) => a - b)).toEqual([...lengths.keys()]);
  });

  it('keeps to the budget, but for a text that alone exceeds it', () => {
    for (const batch of sortedBatches(lengths, 200)) {
      const padded = batch.length * Math.max(...Array.from(batch, (row) => lengths[row]));
      if (batch.length > 1) expect(padded).toBeLessThanOrEqual(200);
    }
  });

  it('pads hardly at all', () => {
    const batches = sortedBatches(lengths, 512);
    const padded = batches.reduce((sum, b) => sum + b.length * Math.max(...Array.from(b, (row) => lengths[row])), 0);
    expect(lengths.reduce((sum, length) => sum + length, 0) / padded).toBeGreaterThan(0.95);
  });
});

describe('spreadOut', () => {
  it.each([0, 1, 2, 3, 10, 55, 100])('keeps each of %d elements once', (count) => {
    const list = Array.from({ length: count }, (_, i) => i);
    expect(spreadOut(list).sort((a, b) => a - b)).toEqual(list);
  });
});
