import assert from 'node:assert/strict';
import type { HardwareProbe, ProbeReport } from '../contracts';
import { probeReportProblem } from '../hardware/probe-report';
import { globalRunner, type TestRunner } from './test-runner';

export interface ProbeConformanceOptions {
  /** `describe` and `it`, where they are not global (node:test, vitest without globals). */
  readonly runner?: TestRunner;
}

/**
 * Registers the tests that every `HardwareProbe` must pass. Call it for the machine that the tests run on, and for as
 * many other situations as the probe can be put in (no device, no driver, ...).
 * @param name how the tests call the probe and its situation.
 * @param make gives a fresh probe; called once or more a test.
 */
export function probeConformance(
  name: string,
  make: () => HardwareProbe,
  { runner = globalRunner() }: ProbeConformanceOptions = {},
): void {
  const { describe, it } = runner;
  describe(`${name} keeps the contract of HardwareProbe`, () => {
    it('has a stable id', () => {
      const { id } = make();
      assert.ok(typeof id === 'string' && id.trim() === id && id !== '', 'id must be a text without outer spaces');
      assert.equal(make().id, id);
    });

    it('reports what it found, or why it found nothing', async () => {
      const report = await started(make, (probe) => probe.probe());
      const problem = probeReportProblem(report);
      assert.equal(problem, null, `the report ${problem}`);
    });

    it('reports plain data, as GET /v1/system prints it', async () => {
      const report = await started(make, (probe) => probe.probe());
      assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
    });

    it('reports the same machine when asked again, also at the same time', async () => {
      const [first, second] = await started(make, (probe) => Promise.all([probe.probe(), probe.probe()]));
      assert.deepEqual(lasting(second), lasting(first));
    });

    it('can be destroyed more than once', async () => {
      const probe = make();
      await probe.init?.();
      await probe.destroy?.();
      await probe.destroy?.();
    });
  });
}

async function started<Result>(make: () => HardwareProbe, use: (probe: HardwareProbe) => Promise<Result>) {
  const probe = make();
  await probe.init?.();
  try {
    return await use(probe);
  } finally {
    await probe.destroy?.();
  }
}

/** What does not change from one moment to the next: load and free memory do. */
function lasting({ platform, cpu, memory, accelerators }: ProbeReport) {
  return {
    platform,
    cpu,
    memory,
    accelerators: accelerators?.map(({ vendor, name, index, memoryBytes }) => ({ vendor, name, index, memoryBytes })),
  };
}
