import type { Batch, SessionHost, SessionOutput } from '../contracts';
import { SessionLostError } from './session-lost-error';
import { SessionPool } from './session-pool';

const batch = (): Batch => ({
  ids: Int32Array.of(1),
  lengths: Int32Array.of(1),
  output: 'pooled',
  normalize: true,
});
const OUTPUT: SessionOutput = { vectors: Float32Array.of(1), dimensions: 1, inferMs: 0 };

/** A host under the test's control. */
class ManualHost implements SessionHost {
  readonly runs: { resolve(output: SessionOutput): void; reject(error: Error): void }[] = [];
  killed: Error | undefined;
  private listener: ((reason: Error) => void) | undefined;

  run(): Promise<SessionOutput> {
    return new Promise((resolve, reject) => void this.runs.push({ resolve, reject }));
  }
  onExit(listener: (reason: Error) => void): void {
    this.listener = listener;
  }
  close = () => Promise.resolve();
  kill(reason: Error): Promise<void> {
    this.killed = reason;
    this.die(reason);
    return Promise.resolve();
  }
  die(reason = new Error('gone')): void {
    for (const [at, { reject }] of this.runs.entries()) reject(new SessionLostError(at === 0, reason));
    this.listener?.(reason);
  }
}

async function setUp({ count = 1, batchTimeoutMs = 1e9, failOpening = 0 } = {}) {
  const hosts: ManualHost[] = [];
  const told: string[] = [];
  let changed = () => {};
  let opened = 0;
  const pool = await SessionPool.open(
    count,
    async () => {
      if (++opened > count && opened <= count + failOpening) throw new Error('does not open');
      const host = new ManualHost();
      hosts.push(host);
      return host;
    },
    {
      changed: () => changed(),
      died: ({ message }) => told.push(`died: ${message}`),
      notReplaced: ({ message }) => told.push(`not replaced: ${message}`),
    },
    batchTimeoutMs,
  );
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      changed = () => void (condition() && resolve());
      changed();
    });
  return { pool, hosts, told, until };
}

describe('SessionPool', () => {
  it('gives each batch to the least busy host, and one more ahead', async () => {
    const { pool, hosts } = await setUp({ count: 2 });
    expect([pool.free, pool.idle]).toEqual([4, 2]);
    for (let i = 0; i < 4; i++) void pool.run(batch());
    expect(hosts.map(({ runs }) => runs.length)).toEqual([2, 2]);
    expect([pool.free, pool.idle]).toEqual([0, 0]);
    await pool.close();
  });

  it('replaces a host that died, while the others go on', async () => {
    const { pool, hosts, told, until } = await setUp({ count: 2 });
    const [first, second] = [pool.run(batch()), pool.run(batch())];
    hosts[0]?.die();
    await expect(first).rejects.toMatchObject({ begun: true });
    hosts[1]?.runs[0]?.resolve(OUTPUT);
    expect(await second).toBe(OUTPUT);
    await until(() => pool.alive === 2);
    expect([pool.free, hosts.length, told]).toEqual([4, 3, ['died: gone']]);
    await pool.close();
  });

  it('tries again when a host cannot be replaced', async () => {
    const { pool, hosts, told, until } = await setUp({ failOpening: 2 });
    hosts[0]?.die();
    await until(() => pool.alive === 1);
    expect(told).toEqual(['died: gone', 'not replaced: does not open', 'not replaced: does not open']);
    await pool.close();
  });

  it('gives up a host whose batch does not end, and replaces it', async () => {
    const { pool, hosts, told, until } = await setUp({ batchTimeoutMs: 20 });
    await expect(Promise.all([pool.run(batch()), pool.run(batch())])).rejects.toMatchObject({ begun: true });
    expect(hosts[0]?.killed?.message).toMatch(/a batch of 1 tokens had not ended after 20 ms/);
    await until(() => pool.alive === 1);
    expect([told.length, pool.lingering, pool.free]).toEqual([1, 0, 2]);
    await pool.close();
  });

  it('leaves alone a host that goes on answering', async () => {
    const { pool, hosts } = await setUp({ batchTimeoutMs: 500 });
    for (let i = 0; i < 10; i++) {
      const run = pool.run(batch());
      await new Promise((resolve) => setTimeout(resolve, 60));
      hosts[0]?.runs.pop()?.resolve(OUTPUT);
      await run;
    }
    expect(hosts).toHaveLength(1);
    await pool.close();
  });

  it('refuses a batch when no host is alive, without blame', async () => {
    const { pool, hosts } = await setUp({ failOpening: 100 });
    hosts[0]?.die();
    await expect(pool.run(batch())).rejects.toMatchObject({ begun: false, code: 'BACKEND_UNAVAILABLE' });
    await pool.close();
  });
});
