import fc from 'fast-check';
import { chooseBatch } from './choose-batch';

const cost = (lengths: number[], rows: number[], overhead: number) =>
  overhead + rows.length * Math.max(...rows.map((row) => lengths[row] as number));

describe('chooseBatch', () => {
  it('gives nothing for nothing', () => {
    expect(chooseBatch([], 512, 10, 64)).toEqual([]);
  });

  it.each([
    ['a lone text', [7], 512, [0]],
    ['like lengths together', [10, 10, 10], 512, [0, 1, 2]],
    ['a long text alone when short ones wait', [200, 10, 10], 512, [0]],
    ['the short group when its turn is first', [10, 200, 11, 200], 512, [0, 2]],
    ['a text longer than the budget', [600, 5], 512, [0]],
    ['no more than the budget holds', [100, 100, 100, 100], 256, [0, 1]],
  ])('sends %s', (_name, lengths, budget, expected) => {
    expect(chooseBatch(lengths, budget, 10, 64)).toEqual(expected);
  });

  it('holds the first in turn, keeps to budget and rows, and never repeats a text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 16, max: 1024 }),
        fc.integer({ min: 1, max: 64 }),
        (lengths, budget, maxRows) => {
          const rows = chooseBatch(lengths, budget, 10, maxRows);
          expect(rows).toContain(0);
          expect(new Set(rows).size).toBe(rows.length);
          expect(rows.length).toBeLessThanOrEqual(maxRows);
          if (rows.length > 1) expect(cost(lengths, rows, 0)).toBeLessThanOrEqual(budget);
        },
      ),
    );
  });

  it('drains any queue at no more than the cost of sending each text alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 1, maxLength: 60 }), (lengths) => {
        let waiting = [...lengths];
        let total = 0;
        while (waiting.length > 0) {
          const rows = new Set(chooseBatch(waiting, 512, 10, 64));
          total += cost(waiting, [...rows], 10);
          waiting = waiting.filter((_, index) => !rows.has(index));
        }
        expect(total).toBeLessThanOrEqual(lengths.reduce((sum, length) => sum + length + 10, 0));
      }),
    );
  });
});
