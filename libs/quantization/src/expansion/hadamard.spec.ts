import { hadamard } from './hadamard';

/** The definition: the entry at row i, column j is -1 to the number of bits that i and j share. */
function byDefinition(values: number[]): number[] {
  return values.map((_, i) =>
    values.reduce((sum, value, j) => sum + ((i & j).toString(2).replaceAll('0', '').length % 2 ? -value : value), 0),
  );
}

describe('hadamard', () => {
  it.each([1, 2, 4, 8, 16, 32, 64])('equals the definition for %d values', (size) => {
    const values = Array.from({ length: size }, (_, i) => ((i * 37) % 19) - 9);
    const work = Float64Array.from([5, ...values, 6]);
    hadamard(work, 1, size);
    expect([...work.subarray(1, -1)]).toEqual(byDefinition(values));
    expect([work[0], work.at(-1)]).toEqual([5, 6]);
  });
});
