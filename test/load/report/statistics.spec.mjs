import { answersPerSecond, interleavedRatio, mean, median, percentile, timeWeightedPercentile } from './statistics.mjs';

describe('statistics', () => {
  it.each([
    [0.5, 5],
    [0.9, 9],
    [0.99, 10],
    [1, 10],
  ])('gives the nearest rank at %d', (share, expected) => {
    expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], share)).toBe(expected);
  });

  it('has no percentile of nothing', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('takes the middle, or the mean of the two middle ones', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
    expect(mean([1, 2, 6])).toBe(3);
  });

  it('holds each measurement against the runs just around it', () => {
    // The machine halves its speed on the way; the server keeps to half of the limit all the time.
    expect(interleavedRatio([4.5, 3, 2.5], [10, 8, 4, 6])).toEqual({
      median: 0.5,
      least: 0.5,
      most: 0.5,
      low: 0.5,
      high: 0.5,
    });
  });

  it('knows the median of many runs better than that of few', () => {
    const runs = (count) => Array.from({ length: count }, (_, i) => ((i * 37) % count) / count);
    const within = (count) => interleavedRatio(runs(count), new Array(count + 1).fill(1));
    // 100 runs: the 41st and the 60th (Conover, Practical Nonparametric Statistics, 3.2).
    expect(within(100)).toMatchObject({ low: 0.4, high: 0.59 });
    expect(within(4)).toMatchObject({ low: 0, high: 0.75 });
  });

  it('refuses measurements without a run on both sides', () => {
    expect(() => interleavedRatio([1, 2], [1, 2])).toThrow('both sides');
  });

  it('weighs a delay by how long it lasted', () => {
    const delays = [...new Array(960).fill(1), 40];
    expect(percentile(delays, 0.99)).toBe(1);
    expect(timeWeightedPercentile(delays, 0.99)).toBe(40);
    expect(timeWeightedPercentile([1, 1, 1, 1], 0.5)).toBe(1);
  });

  it('counts a single connection between its answers', () => {
    // An answer every 3 s, the first one 2 s after the window opens.
    expect(answersPerSecond({ counted: 7, span: 18, seconds: 20, connections: 1 })).toBeCloseTo(1 / 3);
  });

  it('does not take answers that come together for a rate', () => {
    // Two connections, answered at 9 s and 18 s both.
    expect(answersPerSecond({ counted: 4, span: 9.001, seconds: 20, connections: 2 })).toBe(0.2);
    expect(answersPerSecond({ counted: 2, span: 0.001, seconds: 20, connections: 2 })).toBe(0.1);
  });
});
