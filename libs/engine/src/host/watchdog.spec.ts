import { Watchdog, type Watched } from './watchdog';

/** Ticks are the test's own: 20 of them make the least time-out. */
function setUp(leastMs = 1e9) {
  const seat: Watched = { batches: [], ageMs: 0 };
  const hung: string[] = [];
  const watchdog = new Watchdog([seat], leastMs, (_, { message }) => hung.push(message));
  watchdog.stop();
  const ticks = (count: number) => {
    for (let i = 0; i < count; i++) watchdog.tick();
  };
  return { seat, hung, watchdog, ticks };
}

describe('the watchdog', () => {
  it('reports a batch that has run for the whole time-out, and not before', () => {
    const { seat, hung, ticks } = setUp();
    seat.batches.push({ tokens: 5 });
    ticks(19);
    expect(hung).toEqual([]);
    ticks(1);
    expect(hung).toEqual(['a batch of 5 tokens had not ended after 1000000000 ms']);
  });

  it('does not count while nothing runs', () => {
    const { seat, hung, ticks } = setUp();
    ticks(100);
    expect([seat.ageMs, hung]).toEqual([0, []]);
  });

  it('gives a batch longer that by its size and by what was measured takes longer', () => {
    const { watchdog } = setUp(1000);
    watchdog.measure(10, 50);
    expect(watchdog.limitMs(2)).toBe(1000);
    expect(watchdog.limitMs(1000)).toBe(20 * 5 * 1000);
  });

  it('forgets a slow batch in time', () => {
    const { watchdog } = setUp(1);
    watchdog.measure(1, 1000);
    for (let i = 0; i < 1000; i++) watchdog.measure(1, 1);
    expect(watchdog.limitMs(1)).toBe(20);
  });
});
