import { join } from 'node:path';
import { BackendUnavailableError, DEFAULT_HOSTING, ProcessHost, ThreadHost, type Batch } from '@sutra-embedder/engine';
import { SessionLostError } from './session-lost-error';

const module_ = join(__dirname, '../../../../test/fixtures/sessions/scripted-session.js');
const recipe = (script: object = {}) => ({ module: module_, options: script });
const batch = (first: number): Batch => ({
  ids: Int32Array.of(first),
  lengths: Int32Array.of(1),
  output: 'pooled',
  normalize: true,
});

/** What the scripted session does with a batch whose first id is this. */
const [THROW, EXIT, UNCAUGHT, , FILL_HEAP, LOOP, NATIVE_HANG, COMPLAIN, SEGFAULT] = [
  901, 902, 903, 904, 905, 906, 907, 908, 909,
];
const HOSTING = { ...DEFAULT_HOSTING, heapMb: 32 };

/** By shape: the hosts under test are those of the built package, with classes of their own. */
const lost = (begun: boolean) => expect.objectContaining({ code: 'BACKEND_UNAVAILABLE', begun }) as unknown;
const outcomes = async (runs: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(runs)).map((result) =>
    result.status === 'rejected' ? (result.reason as unknown) : 'done',
  );

describe.each([
  ['ThreadHost', ThreadHost],
  ['ProcessHost', ProcessHost],
])('%s', (_name, Host) => {
  it('runs batches in order and gives back their vectors', async () => {
    const host = await Host.open(recipe());
    const outputs = await Promise.all([1, 2, 3].map((id) => host.run(batch(id))));
    expect(outputs.map(({ vectors }) => vectors)).toEqual([1, 2, 3].map((id) => Float32Array.of(id)));
    await host.close();
  });

  it('says why a session could not be opened', async () => {
    await expect(Host.open(recipe({ openError: 'no such graph' }))).rejects.toThrow(/no such graph/);
    await expect(Host.open({ module: '/nowhere', options: {} })).rejects.toBeInstanceOf(BackendUnavailableError);
  });

  it('fails only the batch that the session could not run', async () => {
    const host = await Host.open(recipe());
    await expect(host.run(batch(THROW))).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    expect((await host.run(batch(5))).vectors[0]).toBe(5);
    await host.close();
  });

  it.each([
    ['exits', EXIT],
    ['throws outside of any promise', UNCAUGHT],
    ['fills its heap', FILL_HEAP],
  ])('tells which batch it died over when it %s, and reports it once', async (_what, command) => {
    const host = await Host.open(recipe(), HOSTING);
    const reasons: Error[] = [];
    host.onExit((reason) => reasons.push(reason));
    expect(await outcomes([host.run(batch(command)), host.run(batch(1))])).toEqual([lost(true), lost(false)]);
    expect(await outcomes([host.run(batch(1))])).toEqual([lost(false)]);
    expect(reasons).toHaveLength(1);
  });

  it.each([
    ['JavaScript', LOOP],
    ['native code', NATIVE_HANG],
  ])('gives up a session that hangs in %s at once when told to', async (_where, command) => {
    const host = await Host.open(recipe());
    const reasons: string[] = [];
    host.onExit(({ message }) => reasons.push(message));
    const running = outcomes([host.run(batch(command)), host.run(batch(1))]);
    // It has begun by the time that it is given up.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const gone = host.kill(new Error('hung'));
    expect(await running).toEqual([lost(true), lost(false)]);
    expect(reasons).toEqual(['hung']);
    await gone;
  });

  it('closes once what it was given has ended, and is not reported then', async () => {
    const host = await Host.open(recipe());
    const reasons: Error[] = [];
    host.onExit((reason) => reasons.push(reason));
    const run = host.run(batch(7));
    await host.close();
    expect((await run).vectors[0]).toBe(7);
    expect(reasons).toEqual([]);
  });

  it('hands on what the session prints', async () => {
    const lines: string[] = [];
    const host = await Host.open(recipe(), HOSTING, (line) => lines.push(line));
    await host.run(batch(COMPLAIN));
    await host.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lines).toEqual(['a complaint of a library']);
  });

  it.each([
    ['could not be opened', { openError: 'no' }],
    ['died', {}],
  ])('gives back what was lent to a session that %s', async (_what, script) => {
    let released = () => {};
    const release = new Promise<void>((resolve) => (released = resolve));
    const host = await Host.open({ ...recipe(script), release: released }).catch(() => undefined);
    await host?.run(batch(EXIT)).catch(() => undefined);
    await release;
  });
});

describe('ThreadHost alone', () => {
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
});

describe('ProcessHost alone', () => {
  it('survives a native crash, and says what ended the child', async () => {
    const host = await ProcessHost.open(recipe());
    const reasons: string[] = [];
    host.onExit(({ message }) => reasons.push(message));
    expect(await outcomes([host.run(batch(SEGFAULT))])).toEqual([lost(true)]);
    expect(reasons).toEqual(['the process was ended by SIGSEGV']);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('goes on after a %s, which is for the server', async (signal) => {
    const host = await ProcessHost.open(recipe());
    process.kill(host.pid as number, signal);
    expect((await host.run(batch(3))).vectors[0]).toBe(3);
    await host.close();
  });
});

it('is an error of the engine by which callers know what failed', () => {
  const error = new SessionLostError(true, new Error('secret path'));
  expect(error.code).toBe('BACKEND_UNAVAILABLE');
  expect(error.message).not.toContain('secret path');
});
