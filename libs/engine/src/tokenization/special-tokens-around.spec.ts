import { specialTokensAround } from './special-tokens-around';

const wrapping = (before: number[], after: number[]) => ({
  wrap: (ids: readonly number[]) => ({ ids: Int32Array.from([...before, ...ids, ...after]), truncated: false }),
});

describe('specialTokensAround', () => {
  it.each([
    [[101], [102]],
    // Ids that are those of the texts it looks with.
    [[0], [1]],
    [[1, 0], []],
    [[], []],
  ])('finds %j and %j', (before, after) => {
    expect(specialTokensAround(wrapping(before, after))).toEqual({ before, after });
  });
});
