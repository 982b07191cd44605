import { Circuit, DEFAULT_CIRCUIT_OPTIONS } from './circuit';

function setUp() {
  const told: string[] = [];
  const trial = { works: true, runs: 0 };
  const circuit = new Circuit({
    trial: () => {
      trial.runs++;
      return trial.works ? Promise.resolve() : Promise.reject(new Error('still broken'));
    },
    opened: ({ reason }) => told.push(`opened: ${reason}`),
    closed: () => told.push('closed'),
  });
  const outcomes = (text: string) => {
    for (const outcome of text) {
      if (outcome === 'x') circuit.failed(new Error('broken'));
      else circuit.succeeded();
    }
  };
  return { circuit, told, trial, outcomes };
}

describe('a circuit', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it.each([
    ['nine failures and nothing else', 'xxxxxxxxx', false],
    ['ten failures', 'xxxxxxxxxx', true],
    ['five failures of ten', '.....xxxxx', true],
    ['four failures of ten', '......xxxx', false],
    ['five failures of eleven', '......xxxxx', false],
  ])('after %s', (_what, text, open) => {
    const { circuit, outcomes, told } = setUp();
    outcomes(text);
    expect(circuit.outage !== undefined).toBe(open);
    expect(told).toHaveLength(open ? 1 : 0);
    circuit.stop();
  });

  it('says how many failed, and why the last did', () => {
    const { circuit, outcomes } = setUp();
    outcomes('..xxxxxxxx');
    expect(circuit.outage).toEqual({
      reason: '8 of 10 batches failed within 60 s, the last: broken',
      retryAt: Date.now() + DEFAULT_CIRCUIT_OPTIONS.restMs,
    });
    circuit.stop();
  });

  it('forgets what is older than its window', () => {
    const { circuit, outcomes } = setUp();
    outcomes('xxxxxxxxx');
    jest.advanceTimersByTime(61_000);
    outcomes('x');
    expect(circuit.outage).toBeUndefined();
  });

  it('closes after a trial that works, and counts anew', async () => {
    const { circuit, outcomes, told, trial } = setUp();
    outcomes('xxxxxxxxxx');
    await jest.advanceTimersByTimeAsync(DEFAULT_CIRCUIT_OPTIONS.restMs);
    expect([circuit.outage, trial.runs, told.at(-1)]).toEqual([undefined, 1, 'closed']);
    outcomes('xxxxxxxxx');
    expect(circuit.outage).toBeUndefined();
  });

  it('stays open while trials fail, twice as long each time', async () => {
    const { circuit, outcomes, told, trial } = setUp();
    trial.works = false;
    outcomes('xxxxxxxxxx');
    const { restMs } = DEFAULT_CIRCUIT_OPTIONS;
    await jest.advanceTimersByTimeAsync(restMs);
    expect(circuit.outage).toEqual({ reason: 'a trial failed: still broken', retryAt: Date.now() + 2 * restMs });
    await jest.advanceTimersByTimeAsync(2 * restMs - 1);
    expect(trial.runs).toBe(1);
    trial.works = true;
    await jest.advanceTimersByTimeAsync(1);
    expect([trial.runs, circuit.outage, told.length]).toEqual([2, undefined, 3]);
  });

  it('does nothing more once it is stopped', async () => {
    const { circuit, outcomes, trial } = setUp();
    outcomes('xxxxxxxxxx');
    circuit.stop();
    await jest.advanceTimersByTimeAsync(DEFAULT_CIRCUIT_OPTIONS.longestRestMs);
    expect(trial.runs).toBe(0);
  });
});
