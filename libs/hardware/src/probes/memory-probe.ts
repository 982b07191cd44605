import { type HardwareProbe, Probe, type ProbeReport } from '@sutra-embedder/engine';
import { Inject, Optional } from '@nestjs/common';

import { LocalMachine } from '../machine/local-machine';
import { MachineAccess } from '../machine/machine-access';
import { CgroupLimits } from './cgroup';

/** Memory of the host and what a container leaves of it. */
@Probe()
export class MemoryProbe implements HardwareProbe {
  readonly id = 'memory';

  constructor(@Optional() @Inject(MachineAccess) private readonly machine: MachineAccess = new LocalMachine()) {}

  async probe(): Promise<ProbeReport> {
    const hostBytes = this.machine.hostMemoryBytes;
    const limit = this.machine.platform === 'linux' ? await new CgroupLimits(this.machine).memory() : null;
    return { memory: { hostBytes, limitBytes: Math.min(hostBytes, limit ?? hostBytes) } };
  }
}
