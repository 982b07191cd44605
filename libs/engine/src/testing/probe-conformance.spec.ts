import type { HardwareProbe, ProbeReport } from '../contracts';
import { probeConformance } from './probe-conformance';

/** Runs the suite on a probe with a runner that only collects and gives the names of the tests that fail. */
async function failuresOf(make: () => HardwareProbe): Promise<string[]> {
  const tests: [string, () => unknown][] = [];
  probeConformance('a probe', make, {
    runner: { describe: (_, body) => body(), it: (name, body) => tests.push([name, body]) },
  });
  const failed: string[] = [];
  for (const [name, body] of tests) {
    try {
      await body();
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

const reporting = (report: () => ProbeReport) => () => ({ id: 'test', probe: () => Promise.resolve(report()) });
const nothing: ProbeReport = { reason: 'There is none.' };
let calls = 0;

describe('the conformance suite of probes', () => {
  it('passes one that keeps the contract', async () => {
    expect(await failuresOf(reporting(() => nothing))).toEqual([]);
  });

  it.each<[string, () => HardwareProbe, string]>([
    ['without an id', () => ({ id: '', probe: () => Promise.resolve(nothing) }), 'has a stable id'],
    [
      'with a new id each time',
      () => ({ id: `id${calls++}`, probe: () => Promise.resolve(nothing) }),
      'has a stable id',
    ],
    ['that throws', () => ({ id: 'test', probe: () => Promise.reject(new Error('no')) }), 'reports what it found'],
    ['that says nothing', reporting(() => ({})), 'reports what it found'],
    [
      'with no cores',
      reporting(() => ({
        cpu: { model: 'test', architecture: 'x64', cores: 0, hostCores: 1, instructionSets: [] },
      })),
      'reports what it found',
    ],
    ['whose report is no plain data', reporting(() => ({ ...nothing, extra: new Map() })), 'reports plain data'],
    [
      'that changes its mind',
      reporting(() => ({ memory: { limitBytes: ++calls, hostBytes: 1e9 } })),
      'reports the same machine',
    ],
    [
      'that cannot be destroyed twice',
      () => {
        let destroyed = false;
        const destroy = () => {
          if (destroyed) throw new Error('destroyed already');
          destroyed = true;
        };
        return { id: 'test', probe: () => Promise.resolve(nothing), destroy };
      },
      'can be destroyed more than once',
    ],
  ])('fails one %s', async (_, make, test) => {
    expect(await failuresOf(make)).toContainEqual(expect.stringContaining(test));
  });
});
