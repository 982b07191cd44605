import { type CpuInfo, type HardwareProbe, Probe, type ProbeReport } from '@sutra-embedder/engine';
import { Inject, Optional } from '@nestjs/common';

import { LocalMachine } from '../machine/local-machine';
import { MachineAccess } from '../machine/machine-access';
import { CgroupLimits } from './cgroup';
import { parseAllowedCpus, parseCpuModel, parseInstructionSets } from './cpuinfo';
import { parseSysctlFeatures } from './sysctl';

const SYSCTL = '/usr/sbin/sysctl';
const SYSCTL_TIMEOUT_MS = 5_000;

/** Model, usable cores and instruction sets of the CPU. */
@Probe()
export class CpuProbe implements HardwareProbe {
  readonly id = 'cpu';

  constructor(@Optional() @Inject(MachineAccess) private readonly machine: MachineAccess = new LocalMachine()) {}

  async probe(): Promise<ProbeReport> {
    const cpuinfo = this.machine.platform === 'linux' ? ((await this.machine.readFile('/proc/cpuinfo')) ?? '') : '';
    const instructionSets = await this.instructionSets(cpuinfo);
    const cpu: CpuInfo = {
      model: parseCpuModel(cpuinfo) ?? (this.machine.cpuModel || 'unknown'),
      architecture: this.machine.architecture,
      cores: await this.usableCores(),
      hostCores: Math.max(1, this.machine.hostCores),
      instructionSets,
    };
    if (instructionSets.length > 0) return { platform: this.machine.platform, cpu };
    const reason = `Instruction sets could not be read on ${this.machine.platform}; none is assumed.`;
    return { platform: this.machine.platform, cpu, reason };
  }

  private async usableCores(): Promise<number> {
    const { platform, hostCores, availableCores } = this.machine;
    if (platform !== 'linux') return Math.max(1, Math.min(hostCores, availableCores));
    const allowed = parseAllowedCpus((await this.machine.readFile('/proc/self/status')) ?? '') ?? availableCores;
    const quota = (await new CgroupLimits(this.machine).cpuQuota()) ?? Number.POSITIVE_INFINITY;
    // Rounded up: half a core still lets one thread run, only slower.
    return Math.max(1, Math.min(hostCores, allowed, Math.ceil(quota)));
  }

  private async instructionSets(cpuinfo: string): Promise<readonly string[]> {
    if (this.machine.platform === 'linux') return parseInstructionSets(cpuinfo);
    if (this.machine.platform !== 'darwin') return [];
    const outcome = await this.machine.run(SYSCTL, ['machdep.cpu', 'hw.optional'], SYSCTL_TIMEOUT_MS);
    // A node it does not know makes sysctl exit with 1 after it printed the others.
    if (outcome.status === 'ok') return parseSysctlFeatures(outcome.stdout);
    return outcome.status === 'failed' ? parseSysctlFeatures(outcome.output) : [];
  }
}
