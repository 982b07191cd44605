import { probeConformance } from '@sutra-embedder/engine/testing';

import { FixtureMachine } from '../machine/fixture-machine';
import { AppleProbe } from './apple-probe';

describe('the Apple probe', () => {
  it('reports the GPU and Neural Engine of Apple silicon', async () => {
    const machine = new FixtureMachine({
      platform: 'darwin',
      architecture: 'arm64',
      cpuModel: 'Apple M2 Pro',
      hostMemoryBytes: 16 * 2 ** 30,
    });
    expect(await new AppleProbe(machine).probe()).toEqual({
      accelerators: [
        {
          vendor: 'apple',
          name: 'Apple M2 Pro GPU and Neural Engine',
          index: 0,
          memoryBytes: 16 * 2 ** 30,
          freeMemoryBytes: null,
          utilization: null,
          driver: null,
        },
      ],
    });
  });

  it.each([
    ['linux', 'arm64', /not on linux/],
    ['darwin', 'x64', /install Node.js for arm64/],
  ])('gives a reason on %s %s', async (platform, architecture, reason) => {
    const report = await new AppleProbe(new FixtureMachine({ platform, architecture })).probe();
    expect(report).toEqual({ accelerators: [], reason: expect.stringMatching(reason) as string });
  });
});

probeConformance('AppleProbe', () => new AppleProbe());
probeConformance(
  'AppleProbe on Apple silicon',
  () => new AppleProbe(new FixtureMachine({ platform: 'darwin', architecture: 'arm64' })),
);
