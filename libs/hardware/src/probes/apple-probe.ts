import { type HardwareProbe, Probe, type ProbeReport } from '@sutra-embedder/engine';
import { Inject, Optional } from '@nestjs/common';

import { LocalMachine } from '../machine/local-machine';
import { MachineAccess } from '../machine/machine-access';

/** GPU (Metal) and Neural Engine of Apple silicon: every chip has both, so the platform is proof enough. */
@Probe()
export class AppleProbe implements HardwareProbe {
  readonly id = 'apple';

  constructor(@Optional() @Inject(MachineAccess) private readonly machine: MachineAccess = new LocalMachine()) {}

  probe(): Promise<ProbeReport> {
    const { platform, architecture, cpuModel, hostMemoryBytes } = this.machine;
    if (platform !== 'darwin') {
      return Promise.resolve({
        accelerators: [],
        reason: `Metal and the Neural Engine exist on macOS, not on ${platform}.`,
      });
    }
    if (architecture !== 'arm64') {
      const reason =
        'Metal and the Neural Engine are used on Apple silicon only; this process runs for ' +
        `${architecture}: on an Apple silicon Mac, install Node.js for arm64.`;
      return Promise.resolve({ accelerators: [], reason });
    }
    return Promise.resolve({
      accelerators: [
        {
          vendor: 'apple',
          name: `${cpuModel || 'Apple silicon'} GPU and Neural Engine`,
          index: 0,
          // Memory is shared with the CPU. macOS tells neither use nor free memory of the GPU without privileges.
          memoryBytes: hostMemoryBytes,
          freeMemoryBytes: null,
          utilization: null,
          driver: null,
        },
      ],
    });
  }
}
