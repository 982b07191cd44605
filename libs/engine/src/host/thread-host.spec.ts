import { join } from 'node:path';
import { BackendUnavailableError, ThreadHost, type Batch } from '@sutra-embedder/engine';
import { SessionPool } from './session-pool';

const module_ = join(__dirname, '../../../../test/fixtures/sessions/scripted-session.js');
const recipe = (script: object = {}) => ({ module: module_, options: script });
const batch = (first: number): Batch => ({
  ids: Int32Array.of(first),
  lengths: Int32Array.of(1),
  output: 'pooled',
  normalize: true,
});

/** What the scripted session does with a batch whose first id is this. */
const [THROW, EXIT, UNCAUGHT, HANG] = [901, 902, 903, 904];

describe('ThreadHost', () => {
  it('runs batches in order and gives back their vectors', async () => {
    const host = await ThreadHost.open(recipe());
    const outputs = await Promise.all([1, 2, 3].map((id) => host.run(batch(id))));
    expect(outputs.map(({ vectors }) => vectors[0])).toEqual([1, 2, 3]);
    await host.close();
  });

  it('says why a session could not be opened', async () => {
    await expect(ThreadHost.open(recipe({ openError: 'no such graph' }))).rejects.toThrow(/no such graph/);
    await expect(ThreadHost.open({ module: '/nowhere', options: {} })).rejects.toBeInstanceOf(BackendUnavailableError);
  });

  it('fails only the batch that the session could not run', async () => {
    const host = await ThreadHost.open(recipe());
    await expect(host.run(batch(THROW))).rejects.toBeInstanceOf(BackendUnavailableError);
    expect((await host.run(batch(5))).vectors[0]).toBe(5);
    await host.close();
  });

  it.each([
    ['exits', EXIT],
    ['throws outside of any promise', UNCAUGHT],
  ])('fails what it was running when the thread %s, and reports it once', async (_name, command) => {
    const host = await ThreadHost.open(recipe());
    const reasons: Error[] = [];
    host.onExit((reason) => reasons.push(reason));
    const results = await Promise.allSettled([host.run(batch(command)), host.run(batch(1))]);
    expect(results.map((result) => result.status === 'rejected' && (result.reason as Error).name)).toEqual([
      'BackendUnavailableError',
      'BackendUnavailableError',
    ]);
    await expect(host.run(batch(1))).rejects.toBeInstanceOf(BackendUnavailableError);
    expect(reasons).toHaveLength(1);
  });

  it('hands the shared memory of a recipe to the session, and says once when it has gone', async () => {
    const shared = new Int32Array(new SharedArrayBuffer(4));
    let released = 0;
    const host = await ThreadHost.open({ ...recipe({ count: true }), shared, release: () => void released++ });
    await host.run(batch(1));
    expect(shared[0]).toBe(1);
    expect(released).toBe(0);
    await host.close();
    expect(released).toBe(1);
  });

  it.each([
    ['could not be opened', { openError: 'no' }],
    ['died', {}],
  ])('gives back what was lent to a session that %s', async (_name, script) => {
    let released = 0;
    const opening = ThreadHost.open({ ...recipe(script), release: () => void released++ });
    const host = await opening.catch(() => undefined);
    await host?.run(batch(EXIT)).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(released).toBe(1);
  });

  it('is not reported when it was closed on purpose', async () => {
    const host = await ThreadHost.open(recipe());
    const reasons: Error[] = [];
    host.onExit((reason) => reasons.push(reason));
    await host.close();
    expect(reasons).toEqual([]);
  });
});

describe('SessionPool over threads', () => {
  it('replaces a host that died, while the others go on', async () => {
    const deaths: Error[] = [];
    let changed = () => {};
    const pool = await SessionPool.open(
      2,
      () => ThreadHost.open(recipe()),
      () => changed(),
      (reason) => deaths.push(reason),
    );
    await expect(pool.run(batch(EXIT))).rejects.toBeInstanceOf(BackendUnavailableError);
    expect((await pool.run(batch(7))).vectors[0]).toBe(7);
    await new Promise<void>((resolve) => {
      changed = () => pool.alive === 2 && resolve();
      changed();
    });
    expect(deaths).toHaveLength(1);
    expect(pool.free).toBe(4);
    await pool.close();
  });

  it('has no place left when both places of every host are taken', async () => {
    const pool = await SessionPool.open(
      1,
      () => ThreadHost.open(recipe()),
      () => undefined,
    );
    const running = [pool.run(batch(HANG)), pool.run(batch(1))];
    expect(pool.free).toBe(0);
    running.forEach((run) => void run.catch(() => undefined));
    await Promise.all([
      pool.run(batch(EXIT)).catch(() => undefined),
      ...running.map((run) => run.catch(() => undefined)),
    ]);
    await pool.close();
  });
});
