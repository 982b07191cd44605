import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Batch, SessionOutput } from '../contracts';
import { BackendUnavailableError, CancelledError, InternalError, TextRefusedError } from '../errors';
import { SessionLostError } from '../host/session-lost-error';
import { DEFAULT_SCHEDULER_OPTIONS, Scheduler, type SessionSlots } from './scheduler';
import type { Ticket } from './ticket';

const POOLED = { output: 'pooled', normalize: true } as const;
const answerTo = (batch: Batch): SessionOutput => ({
  vectors: Float32Array.from(rowsOf(batch), ([first]) => first as number),
  dimensions: 1,
  inferMs: 1,
});

function rowsOf({ ids, lengths }: Batch): number[][] {
  let at = 0;
  return Array.from(lengths, (length) => Array.from(ids.subarray(at, (at += length))));
}

/** Sessions that do with each batch what the test says, two at a time. */
class ScriptedSlots implements SessionSlots {
  readonly batches: number[][] = [];
  private running = 0;

  constructor(private readonly script: (batch: Batch, nth: number) => SessionOutput | Error) {}

  readonly alive = 2;

  get free(): number {
    return 2 - this.running;
  }
  get idle(): number {
    return this.free;
  }
  async run(batch: Batch): Promise<SessionOutput> {
    this.running++;
    this.batches.push(rowsOf(batch).map(([first]) => first as number));
    const answer = this.script(batch, this.batches.length);
    await new Promise(setImmediate);
    this.running--;
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

function setUp(script: (batch: Batch, nth: number) => SessionOutput | Error) {
  const slots = new ScriptedSlots(script);
  const refused: string[] = [];
  const scheduler = new Scheduler(slots, DEFAULT_SCHEDULER_OPTIONS, { onRefused: (sha256) => refused.push(sha256) });
  /** One request; each text is named by its first id. */
  const submit = (texts: readonly (readonly number[])[]) => {
    const vectors: (number | Error)[] = [];
    let calls = 0;
    let finish = () => {};
    const done = new Promise<void>((resolve) => (finish = resolve));
    const settle = (index: number, outcome: number | Error) => {
      vectors[index] = outcome;
      if (++calls === texts.length) finish();
    };
    const ticket: Ticket = scheduler.open(POOLED, {
      done: (indexes, { values }) => indexes.forEach((index, row) => settle(index, values[row] as number)),
      failed: settle,
    });
    scheduler.submit(
      ticket,
      texts.map((ids, index) => ({ index, ids: Int32Array.from(ids) })),
    );
    return { ticket, vectors, done, calls: () => calls };
  };
  return { slots, scheduler, refused, submit };
}

const firsts = (batch: Batch) => rowsOf(batch).map(([first]) => first);
const sha256Of = (ids: readonly number[]) =>
  createHash('sha256')
    .update(Buffer.from(Int32Array.from(ids).buffer))
    .digest('hex');

describe('a batch whose session died', () => {
  const POISON = 666;
  const poisonous = (batch: Batch) => (firsts(batch).includes(POISON) ? new SessionLostError(true) : answerTo(batch));

  it('is run again text by text, so that only the one that is to blame fails, and that one is refused by name', async () => {
    const { submit, refused, slots } = setUp(poisonous);
    const { vectors, done } = submit([[1], [2], [POISON], [4]]);
    await done;
    expect([vectors[0], vectors[1], vectors[3]]).toEqual([1, 2, 4]);
    expect(vectors[2]).toBeInstanceOf(TextRefusedError);
    expect((vectors[2] as TextRefusedError).details).toEqual({ field: 'texts[2]', sha256: sha256Of([POISON]) });
    expect(refused).toEqual([sha256Of([POISON])]);
    expect(slots.batches.filter((batch) => batch.includes(POISON))).toHaveLength(2);
  });

  it('is not given its poison again: the text is refused before it reaches a session', async () => {
    const { submit, slots } = setUp(poisonous);
    await submit([[POISON]]).done;
    const before = slots.batches.length;
    expect(() => submit([[1], [POISON]])).toThrow(TextRefusedError);
    await submit([[POISON, 1], [2]]).done;
    expect(slots.batches.slice(before).flat()).toEqual(expect.arrayContaining([POISON, 2]));
  });

  it('is forgotten when the whole backend is given up: no text was to blame', async () => {
    const { submit, scheduler } = setUp(poisonous);
    await submit([[POISON]]).done;
    scheduler.close(new BackendUnavailableError('it keeps failing'));
    scheduler.reopen();
    const again = submit([[POISON]]);
    await again.done;
    expect(again.vectors[0]).toBeInstanceOf(TextRefusedError);
  });

  it('is run again as it is where it had not begun, as often as it takes, without blame', async () => {
    const { submit, slots, refused } = setUp((batch, nth) =>
      nth <= 4 ? new SessionLostError(false) : answerTo(batch),
    );
    const { vectors, done } = submit([[1], [2], [3]]);
    await done;
    expect(vectors).toEqual([1, 2, 3]);
    expect(refused).toEqual([]);
    expect(slots.batches.length).toBeGreaterThan(4);
  });

  it('costs each poison two sessions, and everybody else nothing, whatever the mix', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(fc.record({ poison: fc.boolean(), length: fc.integer({ min: 1, max: 300 }) }), { minLength: 1 }),
          {
            minLength: 1,
            maxLength: 6,
          },
        ),
        async (requests) => {
          let next = 0;
          const poisons = new Set<number>();
          let deaths = 0;
          const { submit } = setUp((batch) => {
            if (!firsts(batch).some((first) => poisons.has(first as number))) return answerTo(batch);
            deaths++;
            return new SessionLostError(true);
          });
          const all = requests.map((texts) => {
            const named = texts.map(({ poison, length }) => {
              const name = ++next;
              if (poison) poisons.add(name);
              return [name, ...new Array<number>(length - 1).fill(0)];
            });
            return { named, ...submit(named) };
          });
          await Promise.all(all.map(({ done }) => done));
          for (const { named, vectors, calls } of all) {
            expect(calls()).toBe(named.length);
            named.forEach(([name], index) =>
              poisons.has(name as number)
                ? expect(vectors[index]).toBeInstanceOf(TextRefusedError)
                : expect(vectors[index]).toBe(name),
            );
          }
          expect(deaths).toBeLessThanOrEqual(2 * poisons.size);
        },
      ),
      { numRuns: 30 },
    ));
});

describe('a batch that failed without ending its session', () => {
  it('fails by that name for the text that fails again alone, which is not refused', async () => {
    const { submit, refused } = setUp((batch) =>
      firsts(batch).includes(13) ? new BackendUnavailableError('out of device memory') : answerTo(batch),
    );
    const { vectors, done } = submit([[1], [13], [3]]);
    await done;
    expect(vectors[1]).toMatchObject({ code: 'BACKEND_UNAVAILABLE', message: 'out of device memory' });
    expect([vectors[0], vectors[2]]).toEqual([1, 3]);
    expect(refused).toEqual([]);
    await submit([[13]]).done;
  });

  it('whose vectors are not finite is run again, and fails as an internal error', async () => {
    const { submit, slots } = setUp(() => ({ vectors: Float32Array.of(NaN), dimensions: 1, inferMs: 1 }));
    const { vectors, done } = submit([[1]]);
    await done;
    expect(vectors[0]).toBeInstanceOf(InternalError);
    expect(slots.batches).toHaveLength(2);
  });
});

describe('what waits to be run again', () => {
  it('counts as queued, and is dropped when its caller goes', async () => {
    const waiting: { fail(): void } = { fail: () => undefined };
    const slots: SessionSlots & { free: number } = {
      alive: 1,
      free: 1,
      idle: 1,
      run: () => {
        slots.free = 0;
        return new Promise((_, reject) => (waiting.fail = () => reject(new SessionLostError(true))));
      },
    };
    const scheduler = new Scheduler(slots);
    const failures: Error[] = [];
    const ticket = scheduler.open(POOLED, { done: () => undefined, failed: (_, error) => void failures.push(error) });
    scheduler.submit(ticket, [
      { index: 0, ids: new Int32Array(3) },
      { index: 1, ids: new Int32Array(4) },
    ]);
    await new Promise(setImmediate);
    waiting.fail();
    await new Promise(setImmediate);
    expect([scheduler.queuedTokens, scheduler.queuedTexts]).toEqual([7, 2]);
    scheduler.cancel(ticket);
    expect([scheduler.queuedTokens, scheduler.queuedTexts]).toEqual([0, 0]);
    expect(failures.map((error) => error instanceof CancelledError)).toEqual([true, true]);
  });

  it('fails by name when the sessions are closed, and so does what fails later', async () => {
    let fail = () => {};
    const slots: SessionSlots = {
      alive: 1,
      free: 1,
      idle: 1,
      run: () => new Promise((_, reject) => (fail = () => reject(new SessionLostError(true)))),
    };
    const scheduler = new Scheduler(slots);
    const failures: Error[] = [];
    const ticket = scheduler.open(POOLED, { done: () => undefined, failed: (_, error) => void failures.push(error) });
    scheduler.submit(ticket, [{ index: 0, ids: new Int32Array(3) }]);
    await new Promise(setImmediate);
    const closing = new BackendUnavailableError('closing');
    scheduler.close(closing);
    fail();
    await new Promise(setImmediate);
    expect(failures).toHaveLength(1);
    expect(() => scheduler.submit(ticket, [{ index: 1, ids: new Int32Array(3) }])).toThrow(closing);
  });
});
