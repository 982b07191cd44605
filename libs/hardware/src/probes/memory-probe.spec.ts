import { probeConformance } from '@sutra-embedder/engine/testing';

import { FixtureMachine } from '../machine/fixture-machine';
import { MemoryProbe } from './memory-probe';

const GIB = 2 ** 30;
const files = (limit: string) => ({
  '/proc/self/cgroup': '0::/\n',
  '/proc/self/mountinfo': '30 24 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw',
  '/sys/fs/cgroup/memory.max': limit,
});

describe('the memory probe', () => {
  it.each([
    ['no limit', 'linux', 'max\n', 64],
    ['a limit', 'linux', `${4 * GIB}\n`, 4],
    ['a limit above the host', 'linux', `${128 * GIB}\n`, 64],
    ['no limits outside of Linux', 'darwin', `${4 * GIB}\n`, 64],
  ])('reports %s on %s', async (_, platform, limit, gib) => {
    const machine = new FixtureMachine({ platform, hostMemoryBytes: 64 * GIB, files: files(limit) });
    expect(await new MemoryProbe(machine).probe()).toEqual({
      memory: { hostBytes: 64 * GIB, limitBytes: gib * GIB },
    });
  });
});

probeConformance('MemoryProbe', () => new MemoryProbe());
probeConformance(
  'MemoryProbe in a container',
  () => new MemoryProbe(new FixtureMachine({ hostMemoryBytes: 8 * GIB, files: files(`${GIB}\n`) })),
);
