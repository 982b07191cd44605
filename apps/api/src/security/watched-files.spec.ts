import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WatchedFiles } from './watched-files';

describe('WatchedFiles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'watched-'));
  const path = join(folder, 'a');
  let watched: WatchedFiles<number> | undefined;
  let told: () => void = () => undefined;
  const problems: string[] = [];
  const next = () => new Promise<void>((resolve) => (told = resolve));
  const read = ([text]: readonly Buffer[]) => {
    const value = Number(text);
    if (Number.isNaN(value)) throw new Error('it holds no number');
    return value;
  };
  const open = () => {
    watched = new WatchedFiles([path], read, {
      everyMs: 20,
      onChange: () => told(),
      onProblem: (reason) => {
        problems.push(reason);
        told();
      },
    });
    return watched;
  };

  afterEach(() => {
    watched?.close();
    problems.length = 0;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads again what has changed, keeps the last good state and says why', async () => {
    writeFileSync(path, '1');
    const { value } = open();
    expect(value).toBe(1);
    // The first look of the file system is under way; a change is one only after it.
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const [text, expected, complaints] of [
      ['22', 22, []],
      ['x', 22, ['it holds no number']],
      ['333', 333, ['it holds no number']],
    ] as const) {
      const seen = next();
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
      await seen;
      expect(watched?.value).toBe(expected);
      expect(problems).toEqual(complaints);
    }
    const gone = next();
    unlinkSync(path);
    await gone;
    expect(watched?.value).toBe(333);
    expect(problems.at(-1)).toBe('there is no such file');
  });

  it('follows a link that is put elsewhere, as orchestrators do', async () => {
    writeFileSync(join(folder, 'one'), '1');
    writeFileSync(join(folder, 'two'), '2');
    symlinkSync('one', path);
    expect(open().value).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const seen = next();
    symlinkSync('two', `${path}.new`);
    renameSync(`${path}.new`, path);
    await seen;
    expect(watched?.value).toBe(2);
  });

  it('throws at the first reading', () => {
    rmSync(path, { force: true });
    expect(open).toThrow('ENOENT');
  });
});
