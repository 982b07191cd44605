import { type HardwareProbe, Probe, type ProbeReport } from '@sutra-embedder/engine';
import { Inject, Optional } from '@nestjs/common';

import { LocalMachine } from '../machine/local-machine';
import { type CommandOutcome, MachineAccess } from '../machine/machine-access';
import { countPciAccelerators, PCI_VENDOR } from './pci';
import { parseRocmSmi, ROCM_QUERY } from './rocm-smi';

const PROGRAM = 'rocm-smi';
const TIMEOUT_MS = 10_000;

/** AMD GPUs by rocm-smi. */
@Probe()
export class AmdProbe implements HardwareProbe {
  readonly id = 'amd';

  constructor(@Optional() @Inject(MachineAccess) private readonly machine: MachineAccess = new LocalMachine()) {}

  async probe(): Promise<ProbeReport> {
    const outcome = await this.machine.run(PROGRAM, ROCM_QUERY, TIMEOUT_MS);
    if (outcome.status !== 'ok') return { accelerators: [], reason: await this.explain(outcome) };
    const accelerators = parseRocmSmi(outcome.stdout);
    if (accelerators === null) {
      return { accelerators: [], reason: 'rocm-smi answered without JSON: the amdgpu driver is not loaded.' };
    }
    if (accelerators.length > 0) return { accelerators };
    return { accelerators, reason: 'The amdgpu driver runs but rocm-smi lists no device.' };
  }

  private async explain(outcome: Exclude<CommandOutcome, { status: 'ok' }>): Promise<string> {
    switch (outcome.status) {
      case 'failed':
        return /not initialized|amdgpu not found/i.test(outcome.output)
          ? 'The amdgpu driver is not loaded: load it (modprobe amdgpu) or install ROCm for this kernel.'
          : `rocm-smi failed${outcome.code === null ? '' : ` with exit code ${outcome.code}`}: run it by hand to see why.`;
      case 'timeout':
        return `rocm-smi did not answer within ${outcome.timeoutMs} ms: the driver hangs or is still starting.`;
      case 'missing': {
        const count = await countPciAccelerators(this.machine, PCI_VENDOR.amd);
        return count === 0
          ? 'No AMD GPU was found: rocm-smi is not installed and the PCI bus shows none.'
          : `The PCI bus shows ${count} AMD GPU(s), but rocm-smi is not installed: install ROCm to use them.`;
      }
      default:
        return outcome satisfies never;
    }
  }
}
