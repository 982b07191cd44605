import { DrainRate } from './drain-rate';

describe('DrainRate', () => {
  it('is unknown before the first batch', () => expect(new DrainRate().get(2)).toBe(0));

  it('is what a batch took, times the sessions, until texts have waited', () => {
    const rate = new DrainRate();
    rate.record(100, 50, 1000, false);
    expect(rate.get(2)).toBe(4);
  });

  it('counts only the time in which texts waited', () => {
    const rate = new DrainRate();
    rate.record(100, 10, 0, true);
    rate.record(100, 10, 20, true);
    rate.record(100, 10, 40, false);
    // A pause, with a batch of a single text at its end.
    rate.record(5, 10, 60_000, false);
    expect(rate.get(2)).toBeCloseTo(5);
  });

  it('does not count the time in which a batch failed', () => {
    const rate = new DrainRate();
    rate.record(100, 10, 0, true);
    rate.record(100, 10, 20, true);
    rate.skip();
    rate.record(100, 10, 30_000, false);
    expect(rate.get(2)).toBeCloseTo(5);
  });

  it('forgets what it was within seconds of other measurements', () => {
    const rate = new DrainRate();
    for (let i = 0; i < 100; i++) rate.record(100, 10, i * 100, true);
    for (let i = 1; i <= 200; i++) rate.record(100, 10, 10_000 + i * 200, true);
    expect(rate.get(1)).toBeCloseTo(0.5, 2);
  });
});
