import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { SystemReport } from '@sutra-embedder/engine';
import { Service } from './service';

const DOCTOR = join(__dirname, '../../apps/api/dist/doctor.js');
const PRESETS = ['efficient', 'high-quality', 'ultra-efficient', 'custom'];

function doctor(args: string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [DOCTOR, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...environment },
  });
  return { status, stdout, stderr };
}

/** What does not change from one moment to the next: free memory and load of devices do. */
const lasting = ({ engine, inventory, plugins, strategies, presets }: SystemReport) => ({
  engine,
  platform: inventory.platform,
  cpu: inventory.cpu,
  memory: inventory.memory,
  reasons: inventory.reasons,
  plugins,
  strategies,
  presets,
});

describe('npm run doctor', () => {
  it('prints JSON and nothing else on stdout, and agrees with GET /v1/system', async () => {
    const { status, stdout, stderr } = doctor(['--json']);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as SystemReport;
    expect(report.presets.map(({ preset }) => preset)).toEqual(PRESETS);

    const service = await Service.start();
    try {
      // The doctor opens every preset; a server opens one when it is first asked for.
      for (const model of PRESETS) await service.post('/v1/embeddings', { texts: ['x'], model });
      const { body } = await service.get('/v1/system');
      expect(lasting(report)).toEqual(lasting(body as SystemReport));
    } finally {
      await service.close();
    }
  });

  it('tells a person what runs, on what, and why', () => {
    const { status, stdout } = doctor([]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Sutra-Embedder \d+\.\d+\.\d+ on /);
    expect(stdout).toMatch(/efficient: all-MiniLM-L6-v2 on onnx-cpu in (int8|fp32), \d+ session/);
    expect(stdout).toMatch(/ {4}because .+ on the CPU/);
    expect(stdout).toMatch(/not onnx-cuda\/fp32: .+/);
  });

  it.each([
    ['a setting that is none', { SUTRA_NOT_A_SETTING: '1' }, /SUTRA_NOT_A_SETTING is not a variable of this service/],
    ['a plugin that is not there', { SUTRA_PLUGINS: './gone.js' }, /Plugin "\.\/gone\.js": it was not found/],
  ])('ends with code 1 and a sentence for %s', (_, environment, message) => {
    const { status, stdout, stderr } = doctor(['--json'], environment);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ {4}at /);
    expect(stdout).toBe('');
  });
});
