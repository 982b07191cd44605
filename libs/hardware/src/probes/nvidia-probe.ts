import { type Accelerator, type HardwareProbe, Probe, type ProbeReport } from '@sutra-embedder/engine';
import { Inject, Optional } from '@nestjs/common';

import { LocalMachine } from '../machine/local-machine';
import { type CommandOutcome, MachineAccess } from '../machine/machine-access';
import {
  explainNvidiaFailure,
  migMemoryBytes,
  NVIDIA_QUERY,
  NVIDIA_QUERY_OLD,
  type NvidiaGpu,
  parseMigInstances,
  parseNvidiaSmi,
} from './nvidia-smi';
import { countPciAccelerators, PCI_VENDOR } from './pci';

const PROGRAM = 'nvidia-smi';
/** Without the persistence daemon the driver initializes every GPU first, which takes seconds. */
const TIMEOUT_MS = 10_000;

/**
 * NVIDIA GPUs by nvidia-smi. Its index follows the PCI bus; CUDA orders by speed unless CUDA_DEVICE_ORDER=PCI_BUS_ID is
 * set, so on a host with unlike GPUs set that variable.
 */
@Probe()
export class NvidiaProbe implements HardwareProbe {
  readonly id = 'nvidia';

  constructor(@Optional() @Inject(MachineAccess) private readonly machine: MachineAccess = new LocalMachine()) {}

  async probe(): Promise<ProbeReport> {
    let outcome = await this.query(NVIDIA_QUERY);
    if (outcome.status === 'failed' && /not a valid field/i.test(outcome.output)) {
      outcome = await this.query(NVIDIA_QUERY_OLD);
    }
    if (outcome.status !== 'ok') return { accelerators: [], reason: await this.explain(outcome) };
    const gpus = parseNvidiaSmi(outcome.stdout);
    // Some releases print "No devices were found" and exit with 0.
    if (gpus.length === 0) return { accelerators: [], reason: explainNvidiaFailure(outcome.stdout, null) };
    return gpus.some((gpu) => gpu.mig) ? this.withInstances(gpus) : { accelerators: gpus.map(plain) };
  }

  private query(args: readonly string[]): Promise<CommandOutcome> {
    return this.machine.run(PROGRAM, args, TIMEOUT_MS);
  }

  /** A process sees one MIG instance, the first unless CUDA_VISIBLE_DEVICES names another; so does this report. */
  private async withInstances(gpus: readonly NvidiaGpu[]): Promise<ProbeReport> {
    const list = await this.query(['-L']);
    const instances = parseMigInstances(list.status === 'ok' ? list.stdout : '');
    const reasons: string[] = [];
    const accelerators = gpus.flatMap((gpu): Accelerator[] => {
      if (!gpu.mig) return [plain(gpu)];
      const [first, ...others] = instances.get(gpu.index) ?? [];
      if (first === undefined) {
        reasons.push(`GPU ${gpu.index} is in MIG mode without an instance: create one with nvidia-smi mig -cgi.`);
        return [];
      }
      if (others.length > 0) {
        reasons.push(
          `GPU ${gpu.index} has ${others.length + 1} MIG instances; one process uses one (CUDA_VISIBLE_DEVICES picks it).`,
        );
      }
      // What the driver says of the GPU as a whole is not true of an instance.
      const memoryBytes = migMemoryBytes(first);
      return [
        { ...plain(gpu), name: `${gpu.name} MIG ${first}`, memoryBytes, freeMemoryBytes: null, utilization: null },
      ];
    });
    return { accelerators, ...(reasons.length > 0 && { reason: reasons.join(' ') }) };
  }

  private async explain(outcome: Exclude<CommandOutcome, { status: 'ok' }>): Promise<string> {
    switch (outcome.status) {
      case 'failed':
        return explainNvidiaFailure(outcome.output, outcome.code);
      case 'timeout':
        return `nvidia-smi did not answer within ${outcome.timeoutMs} ms: the driver hangs or is still starting.`;
      case 'missing': {
        const count = await countPciAccelerators(this.machine, PCI_VENDOR.nvidia);
        if (count === 0) return 'No NVIDIA device was found: nvidia-smi is not installed and the PCI bus shows none.';
        return (
          `The PCI bus shows ${count} NVIDIA device(s), but nvidia-smi is not installed: install the NVIDIA driver, ` +
          'or in a container start it with GPU access (docker run --gpus all).'
        );
      }
      default:
        return outcome satisfies never;
    }
  }
}

function plain({ mig: _, ...accelerator }: NvidiaGpu): Accelerator {
  return accelerator;
}
