import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const verify = (...args: string[]) => {
  const script = join(__dirname, '../../tools/verify-backend.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
};
/** Cannot be on this machine, whatever it has. */
const ELSEWHERE = process.platform === 'darwin' ? 'onnx-cuda' : 'onnx-coreml';

describe('npm run verify:backend', () => {
  it('prints cosine and speed for every artifact that runs', () => {
    const { status, output } = verify('onnx-cpu', '--rounds', '1');
    expect(status).toBe(0);
    expect(output).toMatch(/onnx-cpu\/fp32: fp32 on the CPU/);
    const [, least] = /cosine {3}min (\d\.\d+), mean \d\.\d+ over 73 golden texts/.exec(output) ?? [];
    expect(Number(least)).toBeGreaterThan(0.9999);
    expect(output).toMatch(/speed {4}\d+ texts\/s/);
  });

  it('says why a backend cannot run here, with exit code 1', () => {
    const { status, output } = verify(ELSEWHERE);
    expect(status).toBe(1);
    expect(output).toMatch(new RegExp(`${ELSEWHERE}/fp32: refused: .*${ELSEWHERE}/fp32: .+`));
    expect(output).toContain(`${ELSEWHERE} cannot be verified here`);
  });

  it.each([[[]], [['no-such-backend']], [['onnx-cpu', '--rounds', 'x']]])('explains itself for %j', (args) => {
    const { status, output } = verify(...args);
    expect(status).toBe(2);
    expect(output).toMatch(/usage: .*\nBACKEND is one of .*onnx-cpu/);
  });
});
