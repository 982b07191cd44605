import type { Batch, SessionOutput } from '../contracts';
import { CancelledError, InternalError, OverloadedError } from '../errors';
import { DEFAULT_SCHEDULER_OPTIONS, Scheduler, type SchedulerOptions, type SessionSlots } from './scheduler';
import type { RowsResult, TicketOptions } from './ticket';

/** Sessions under the test's control: batches pile up here until they are answered. */
class ManualSlots implements SessionSlots {
  readonly started: {
    batch: Batch;
    answer(output?: Partial<SessionOutput>): Promise<void>;
    fail(error: Error): Promise<void>;
  }[] = [];
  running = 0;

  /** @param ahead places beside busy sessions, for their next batch */
  constructor(
    private readonly places: number,
    private readonly ahead = 0,
  ) {}

  get free(): number {
    return this.places + this.ahead - this.running;
  }

  get alive(): number {
    return this.places;
  }

  get idle(): number {
    return Math.max(0, this.places - this.running);
  }

  run(batch: Batch): Promise<SessionOutput> {
    this.running++;
    return new Promise((resolve, reject) => {
      const settle = async (act: () => void) => {
        this.running--;
        act();
        await settled();
      };
      this.started.push({
        batch,
        answer: (output) =>
          settle(() =>
            resolve({
              vectors:
                batch.output === 'tokens'
                  ? Float32Array.from(batch.ids)
                  : Float32Array.from(batch.lengths, (length) => length),
              dimensions: 1,
              inferMs: 1,
              ...output,
            }),
          ),
        fail: (error) => settle(() => reject(error)),
      });
    });
  }
}

/** A timer alone may fire before the scheduler's own callback. */
const settled = () => new Promise((resolve) => setTimeout(() => setImmediate(resolve), 0));
const POOLED: TicketOptions = { output: 'pooled', normalize: true };

function setUp(places: number, options: Partial<SchedulerOptions> = {}, ahead = 0) {
  const slots = new ManualSlots(places, ahead);
  const time = { now: 0 };
  const scheduler = new Scheduler(
    slots,
    { ...DEFAULT_SCHEDULER_OPTIONS, ...options },
    {},
    {
      now: () => time.now,
      soon: (callback) => void setImmediate(callback),
    },
  );
  const submit = (lengths: number[], ticketOptions: TicketOptions = POOLED) => {
    const rows = new Map<number, RowsResult>();
    const errors = new Map<number, Error>();
    const ticket = scheduler.open(ticketOptions, {
      done: (indexes, result) =>
        indexes.forEach((index, row) => {
          const size = result.values.length / indexes.length;
          rows.set(index, { ...result, values: result.values.subarray(row * size, (row + 1) * size) });
        }),
      failed: (index, error) => void errors.set(index, error),
    });
    scheduler.submit(
      ticket,
      lengths.map((length, index) => ({ index, ids: new Int32Array(length).fill(length) })),
    );
    return { ticket, rows, errors };
  };
  return { slots, scheduler, submit, time };
}

function refusal(act: () => unknown): OverloadedError {
  try {
    act();
  } catch (error) {
    if (error instanceof OverloadedError) return error;
  }
  throw new Error('It was not refused');
}

const lengthsOf = ({ batch }: { batch: Batch }) => [...batch.lengths];

describe('Scheduler', () => {
  it('hands every row to the request it belongs to', async () => {
    const { slots, submit } = setUp(1);
    const a = submit([3, 9]);
    const b = submit([3]);
    await settled();
    while (slots.started.length > 0) await slots.started.shift()?.answer();
    expect([...a.rows].map(([index, { values }]) => [index, values[0]]).sort()).toEqual([
      [0, 3],
      [1, 9],
    ]);
    expect(b.rows.get(0)?.values[0]).toBe(3);
  });

  it('keeps to the token budget', async () => {
    const { slots, submit } = setUp(1, { tokenBudget: 64 });
    submit(Array.from({ length: 10 }, () => 16));
    await settled();
    expect(slots.started.map(lengthsOf)).toEqual([[16, 16, 16, 16]]);
  });

  it('shares a small amount of work among free sessions', async () => {
    const { slots, submit } = setUp(2, { tokenBudget: 512 });
    submit([20, 20, 20, 20]);
    await settled();
    expect(slots.started.map(lengthsOf)).toEqual([
      [20, 20],
      [20, 20],
    ]);
  });

  it('gives a busy session its next batch ahead only when that one is full', async () => {
    const { slots, submit } = setUp(1, { tokenBudget: 64 }, 1);
    submit([16]);
    await settled();
    submit([16, 16]);
    await settled();
    expect(slots.started).toHaveLength(1);
    submit([16, 16]);
    await settled();
    expect(slots.started.map(lengthsOf)).toEqual([[16], [16, 16, 16, 16]]);
  });

  it('does not let a huge request delay a small one by more than the batch that runs', async () => {
    const { slots, submit } = setUp(1, { tokenBudget: 64 });
    submit(Array.from({ length: 1000 }, () => 16));
    await settled();
    const small = submit([16]);
    await slots.started[0]?.answer();
    await slots.started[1]?.answer();
    expect(small.rows.size).toBe(1);
  });

  it('does not starve a huge request by a stream of small ones', async () => {
    const { slots, submit } = setUp(1, { tokenBudget: 16 });
    const huge = submit(Array.from({ length: 10 }, () => 16));
    for (let i = 0; i < 40; i++) {
      submit([16]);
      await settled();
      await slots.started[i]?.answer();
    }
    expect(huge.rows.size).toBeGreaterThanOrEqual(5);
  });

  it('bounds the rows of a batch by the batch_size of a request', async () => {
    const { slots, submit } = setUp(1);
    submit([8, 8, 8, 8, 8], { ...POOLED, batchSize: 2 });
    await settled();
    expect(lengthsOf(slots.started[0] as never)).toHaveLength(2);
  });

  it('never mixes texts that want different output', async () => {
    const { slots, submit } = setUp(1);
    submit([8]);
    submit([8], { output: 'tokens', normalize: true });
    submit([8], { output: 'pooled', normalize: false });
    await settled();
    for (let i = 0; i < 3; i++) await slots.started[i]?.answer();
    expect(slots.started.map(({ batch }) => [batch.output, batch.normalize, batch.lengths.length])).toEqual([
      ['pooled', true, 1],
      ['tokens', true, 1],
      ['pooled', false, 1],
    ]);
  });

  it('sends a text that has waited past its max latency before those whose turn it is', async () => {
    const { slots, submit, time } = setUp(1, { tokenBudget: 16 });
    submit(Array.from({ length: 50 }, () => 16));
    await settled();
    const patient = submit(Array.from({ length: 20 }, () => 16));
    const hasty = submit([5, 5, 5], { ...POOLED, maxLatencyMs: 10 });
    time.now = 11;
    for (let i = 0; i < 4; i++) await slots.started[i]?.answer();
    expect(hasty.rows.size).toBe(3);
    expect(patient.rows.size).toBeLessThanOrEqual(2);
  });

  it('gives at least every second batch to whose turn it is, however many texts of a stream are late', async () => {
    const { slots, submit, time } = setUp(1, { tokenBudget: 16 });
    submit(
      Array.from({ length: 50 }, () => 16),
      { ...POOLED, maxLatencyMs: 10 },
    );
    await settled();
    time.now = 11;
    const other = submit([16, 16]);
    for (let i = 0; i < 6; i++) await slots.started[i]?.answer();
    expect(other.rows.size).toBe(2);
  });

  it('gives tickets of one flow the turns of a single request', async () => {
    const { slots, submit } = setUp(1, { tokenBudget: 16 });
    const flow = {};
    for (let i = 0; i < 20; i++) submit([16], { ...POOLED, flow });
    const other = submit([16]);
    for (let i = 0; i < 3; i++) {
      await settled();
      await slots.started[i]?.answer();
    }
    expect(other.rows.size).toBe(1);
  });

  it('lines a request up behind its own earlier texts, not before those of others', async () => {
    const { slots, scheduler, submit } = setUp(1, { tokenBudget: 16 });
    submit([16]);
    await settled();
    const late = submit(Array.from({ length: 4 }, () => 16));
    const other = submit([16, 16]);
    scheduler.submit(late.ticket, [
      { index: 4, ids: new Int32Array(16) },
      { index: 5, ids: new Int32Array(16) },
    ]);
    for (let i = 0; i < 5; i++) await slots.started[i]?.answer();
    expect(other.rows.size).toBe(2);
    expect(late.rows.has(4)).toBe(false);
  });

  it('drops what nobody waits for before it costs anything', async () => {
    const { slots, scheduler, submit } = setUp(1, { tokenBudget: 16 });
    submit([16]);
    await settled();
    const gone = submit([16, 16]);
    scheduler.cancel(gone.ticket);
    await slots.started[0]?.answer();
    expect(slots.started).toHaveLength(1);
    expect([...gone.errors.values()].every((error) => error instanceof CancelledError)).toBe(true);
    expect(scheduler.queuedTokens).toBe(0);
  });

  it('refuses what the queue has no room for, whole, and says when to come back', async () => {
    const { slots, submit, scheduler } = setUp(1, { tokenBudget: 16, maxQueuedTokens: 100 });
    submit(Array.from({ length: 7 }, () => 16));
    await settled();
    await slots.started[0]?.answer();
    const queued = scheduler.queuedTokens;
    expect(() => submit([16, 16, 16, 16])).toThrow(OverloadedError);
    expect(scheduler.queuedTokens).toBe(queued);
    expect(refusal(() => submit([90])).retryAfterMs).toBeGreaterThan(0);
  });

  describe('where it is known how fast the queue drains', () => {
    /** One token a millisecond, with the session never idle: there is room for 100 tokens, waits being counted a fifth longer. */
    async function saturated(options: Partial<SchedulerOptions> = {}) {
      const parts = setUp(1, { tokenBudget: 16, maxWaitMs: 120, ...options });
      const bulk = parts.submit(Array.from({ length: 20 }, () => 16));
      await settled();
      const answer = async () => {
        parts.time.now += 16;
        await parts.slots.started.shift()?.answer({ inferMs: 16 });
      };
      for (let i = 0; i < 4; i++) await answer();
      return { ...parts, bulk, answer };
    }

    it('refuses whom others would keep waiting too long, before any of its texts is read', async () => {
      const { scheduler, submit } = await saturated();
      for (let i = 0; i < 6; i++) submit([16]);
      const ticket = scheduler.open(POOLED, { done: () => undefined, failed: () => undefined });
      expect(() => scheduler.precheck(ticket, 1)).toThrow(OverloadedError);
      expect(() => submit([16])).toThrow(OverloadedError);
    });

    it('takes a short request while a long one waits, whose turn comes before most of it', async () => {
      const { scheduler, submit } = await saturated();
      expect(scheduler.queuedTokens).toBeGreaterThan(100);
      const { rows } = submit([16]);
      expect(rows.size).toBe(0);
      // As long as what waits, it would be served side by side with it.
      expect(() => submit(Array.from({ length: 20 }, () => 16))).toThrow(OverloadedError);
    });

    it('takes the rest of what it has taken the first part of', async () => {
      const { scheduler, submit } = await saturated();
      const { ticket } = submit([16]);
      for (let i = 0; i < 5; i++) submit([16]);
      expect(() => submit([16])).toThrow(OverloadedError);
      scheduler.submit(ticket, [{ index: 1, ids: new Int32Array(16) }]);
      expect(() => submit([16], { ...POOLED, continues: true })).not.toThrow();
    });

    it('does not count the texts of a flow against it', async () => {
      const { submit } = await saturated();
      const flow = {};
      submit([16], { ...POOLED, flow });
      for (let i = 0; i < 5; i++) submit([16]);
      expect(() => submit([16], { ...POOLED, flow })).not.toThrow();
      expect(() => submit([16], { ...POOLED, flow: {} })).toThrow(OverloadedError);
    });

    it('names a moment at which there is room, and a later one to whoever is refused next', async () => {
      const { submit, answer, time } = await saturated();
      for (let i = 0; i < 6; i++) submit([16]);
      const waits = [1, 2, 3].map(() => refusal(() => submit([16])).retryAfterMs as number);
      expect(waits).toEqual([...waits].sort((a, b) => a - b));
      expect(new Set(waits).size).toBe(3);
      const till = time.now + (waits[0] as number);
      while (time.now < till) await answer();
      expect(() => submit([16])).not.toThrow();
    });

    it('refuses nobody where nothing waits, however long it is', () => {
      const { submit } = setUp(1, { maxWaitMs: 1, maxQueuedTokens: 10 });
      expect(() => submit(Array.from({ length: 100 }, () => 16))).not.toThrow();
    });
  });

  describe('where rows are not padded', () => {
    const unpadded = { padded: false, tokenBudget: 10, maxRows: 4 };

    it('fills batches in order of turn up to the budget, whatever the lengths', async () => {
      const { slots, submit } = setUp(9, unpadded);
      const { rows } = submit([1, 8, 1, 1, 12, 0, 0]);
      await settled();
      expect(slots.started.map(lengthsOf)).toEqual([[1, 8, 1], [1], [12], [0, 0]]);
      for (const batch of slots.started) await batch.answer();
      expect([...rows].map(([index, { values }]) => [index, values[0]])).toEqual(
        [1, 8, 1, 1, 12, 0, 0].map((length, index) => [index, length]),
      );
    });

    it("keeps to the most rows, the request's own included", async () => {
      const { slots, submit } = setUp(9, unpadded);
      submit([1, 1, 1, 1, 1]);
      submit([1, 1, 1], { ...POOLED, batchSize: 2 });
      await settled();
      expect(
        slots.started
          .map(lengthsOf)
          .map((lengths) => lengths.length)
          .sort(),
      ).toEqual([1, 1, 2, 4]);
    });
  });

  it('hands over texts of a request that stand side by side in one call', async () => {
    const { slots, scheduler } = setUp(1);
    const calls: number[][] = [];
    const ticket = scheduler.open(POOLED, {
      done: (indexes) => void calls.push([...indexes]),
      failed: () => undefined,
    });
    scheduler.submit(
      ticket,
      [2, 2, 2].map((length, index) => ({ index, ids: new Int32Array(length) })),
    );
    await settled();
    await slots.started[0]?.answer();
    expect(calls).toEqual([[0, 1, 2]]);
  });

  it('fails a batch that failed twice, by name, and goes on', async () => {
    const { slots, submit } = setUp(1);
    const lost = submit([4]);
    await settled();
    await slots.started[0]?.fail(new InternalError('gone'));
    expect(lost.errors.size).toBe(0);
    await slots.started[1]?.fail(new InternalError('gone'));
    expect(lost.errors.get(0)).toBeInstanceOf(InternalError);
    const next = submit([4]);
    await settled();
    await slots.started[2]?.answer();
    expect(next.rows.size).toBe(1);
  });

  it.each([[NaN], [Infinity], [-Infinity]])('never sends on a vector that holds %p', async (bad) => {
    const { slots, submit } = setUp(1);
    const request = submit([4, 4]);
    await settled();
    for (let i = 0; i < 3; i++) await slots.started[i]?.answer({ vectors: Float32Array.of(bad, 1) });
    expect(request.rows.size).toBe(0);
    expect(request.errors.get(0)).toMatchObject({ code: 'INTERNAL' });
  });

  it('fails a batch whose session returns too few vectors', async () => {
    const { slots, submit } = setUp(1);
    const request = submit([4, 4]);
    await settled();
    for (let i = 0; i < 3; i++) await slots.started[i]?.answer({ vectors: new Float32Array(0) });
    expect(request.errors.get(1)).toMatchObject({ code: 'INTERNAL' });
  });
});
