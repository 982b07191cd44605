import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from './configuration';
import { loadTuning, machineKey } from './tuning-file';

describe('loadTuning', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tuning-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const measured = { 'onnx-cpu/abc': { sessions: 2, threads: 1, tokenBudget: 256 } };
  const write = (content: unknown) => {
    const path = join(folder, 'tuning.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };

  it('is empty where tune never ran', () => {
    expect(loadTuning(join(folder, 'nothing.json'))).toEqual({});
  });

  it('gives what was measured on this machine, and nothing from another', () => {
    expect(loadTuning(write({ machine: machineKey(), measured }))).toEqual(measured);
    expect(loadTuning(write({ machine: 'another x 64', measured }))).toEqual({});
  });

  it.each([['{'], ['[]'], [{ machine: machineKey(), measured: { x: { sessions: 0, threads: 1, tokenBudget: 1 } } }]])(
    'refuses %j',
    (content) => {
      expect(() => loadTuning(write(content))).toThrow(ConfigurationError);
    },
  );
});
