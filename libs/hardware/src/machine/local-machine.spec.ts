import { LocalMachine } from './local-machine';

describe('the local machine', () => {
  const machine = new LocalMachine();
  const node = process.execPath;

  it('has at least one core and some memory', () => {
    expect(machine.hostCores).toBeGreaterThanOrEqual(1);
    expect(machine.availableCores).toBeGreaterThanOrEqual(1);
    expect(machine.hostMemoryBytes).toBeGreaterThan(0);
  });

  it('reads a file and lists a folder', async () => {
    expect(await machine.readFile(__filename)).toContain('reads a file and lists a folder');
    expect(await machine.list(__dirname)).toContain('local-machine.ts');
  });

  it('answers for what is not there', async () => {
    expect(await machine.readFile('/nonexistent/file')).toBeNull();
    expect(await machine.list('/nonexistent')).toEqual([]);
    expect(await machine.run('sutra-no-such-program', [], 1_000)).toEqual({ status: 'missing' });
  });

  it('gives what a program printed', async () => {
    expect(await machine.run(node, ['-e', 'process.stdout.write("found")'], 30_000)).toEqual({
      status: 'ok',
      stdout: 'found',
    });
  });

  it('gives the exit code and both outputs of a failure', async () => {
    const program = 'console.log("out"); console.error("err"); process.exitCode = 9';
    const outcome = await machine.run(node, ['-e', program], 30_000);
    expect(outcome).toMatchObject({ status: 'failed', code: 9 });
    expect(outcome.status === 'failed' && outcome.output).toMatch(/out[^]*err/);
  });

  it('ends a program that hangs, also one that ignores SIGTERM', async () => {
    const program = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)';
    expect(await machine.run(node, ['-e', program], 500)).toEqual({ status: 'timeout', timeoutMs: 500 });
  });

  it('reports a program that prints without end as failed', async () => {
    const program = 'const text = "x".repeat(1 << 20); for (let i = 0; i < 8; i++) process.stdout.write(text)';
    expect(await machine.run(node, ['-e', program], 30_000)).toMatchObject({ status: 'failed' });
  });
});
