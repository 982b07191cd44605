import fc from 'fast-check';
import { inOrder } from './in-order.ts';

const tick = (turns: number) =>
  turns <= 0 ? Promise.resolve() : new Promise<void>((resolve) => setTimeout(resolve, turns % 5));

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

describe('inOrder', () => {
  it('gives every result once and in order, never more at once than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(9), { maxLength: 30 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (delays, concurrency, ahead) => {
          let running = 0;
          let most = 0;
          const run = async (index: number) => {
            most = Math.max(most, ++running);
            await tick(delays[index] ?? 0);
            running--;
            return index;
          };
          const source = delays.map((_, i) => i)[Symbol.iterator]();
          expect(await collect(inOrder(source, run, { concurrency, ahead }))).toEqual(delays.map((_, i) => i));
          expect(most).toBeLessThanOrEqual(concurrency);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('reads no further ahead than its reader allows', async () => {
    let taken = 0;
    function* source() {
      for (;;) yield taken++;
    }
    const results = inOrder(source(), (i) => Promise.resolve(i), { concurrency: 2, ahead: 4 });
    await results.next();
    await tick(3);
    expect(taken).toBeLessThanOrEqual(5);
    await results.return(undefined);
  });

  it('gives what came before a failure, then throws it', async () => {
    const run = (i: number) => (i === 2 ? Promise.reject(new Error('two')) : Promise.resolve(i));
    const seen: number[] = [];
    await expect(async () => {
      for await (const i of inOrder([0, 1, 2, 3][Symbol.iterator](), run, { concurrency: 4, ahead: 8 })) seen.push(i);
    }).rejects.toThrow('two');
    expect(seen).toEqual([0, 1]);
  });

  it('throws what the source throws, after what it gave', async () => {
    async function* source() {
      yield 0;
      throw new Error('source');
    }
    const results = inOrder(source(), (i) => tick(2).then(() => i), { concurrency: 2, ahead: 4 });
    expect((await results.next()).value).toBe(0);
    await expect(results.next()).rejects.toThrow('source');
  });

  it('gives what is finished while its source makes it wait', async () => {
    async function* source() {
      yield 0;
      await new Promise<never>(() => undefined);
    }
    const results = inOrder(source(), (i) => Promise.resolve(i), { concurrency: 2, ahead: 4 });
    expect((await results.next()).value).toBe(0);
    await results.return(undefined);
  });
});
