import type { Accelerator } from '@sutra-embedder/engine';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const BASE_FIELDS = ['index', 'name', 'memory.total', 'memory.free', 'utilization.gpu', 'driver_version'] as const;
/** `compute_cap` came with driver 510, `mig.mode.current` with 450. */
const NEWER_FIELDS = ['compute_cap', 'mig.mode.current'] as const;

export const NVIDIA_QUERY = queryOf([...BASE_FIELDS, ...NEWER_FIELDS]);
/** For drivers that do not know a field of NVIDIA_QUERY; they refuse the query as a whole. */
export const NVIDIA_QUERY_OLD = queryOf(BASE_FIELDS);

export interface NvidiaGpu extends Accelerator {
  /** Split into instances (MIG): the GPU as a whole cannot be used. */
  readonly mig: boolean;
}

function queryOf(fields: readonly string[]): readonly string[] {
  return [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];
}

/**
 * Parses the answer to NVIDIA_QUERY or NVIDIA_QUERY_OLD. A field that the driver does not tell (`[N/A]`,
 * `[Not Supported]`, `[Insufficient Permissions]`) is null; a line that is no device is skipped.
 */
export function parseNvidiaSmi(csv: string): NvidiaGpu[] {
  return csv.split('\n').flatMap((line): NvidiaGpu[] => {
    const [index, name, total, free, utilization, driver, capability, mig] = line.split(',').map((cell) => cell.trim());
    if (index === undefined || !/^\d+$/.test(index) || !name) return [];
    const computeCapability = numberOf(capability);
    const percent = numberOf(utilization);
    return [
      {
        vendor: 'nvidia',
        name,
        index: Number(index),
        memoryBytes: bytesOf(total),
        freeMemoryBytes: bytesOf(free),
        utilization: percent === null ? null : percent / 100,
        driver: driver && !driver.startsWith('[') ? driver : null,
        ...(computeCapability !== null && { computeCapability }),
        mig: mig === 'Enabled',
      },
    ];
  });
}

/** MIG instances by GPU index, from `nvidia-smi -L`: profile names such as `1g.10gb`, in the order CUDA sees them. */
export function parseMigInstances(list: string): ReadonlyMap<number, readonly string[]> {
  const instances = new Map<number, string[]>();
  let current: string[] = [];
  for (const line of list.split('\n')) {
    const gpu = /^GPU (\d+):/.exec(line)?.[1];
    if (gpu !== undefined) instances.set(Number(gpu), (current = []));
    const profile = /^\s+MIG (\S+)\s+Device\s+\d+:/.exec(line)?.[1];
    if (profile !== undefined) current.push(profile);
  }
  return instances;
}

/** The memory that a MIG profile's name states, in bytes; null where it states none. */
export function migMemoryBytes(profile: string): number | null {
  const gib = /(\d+)gb/.exec(profile)?.[1];
  return gib === undefined ? null : Number(gib) * GIB;
}

/** What the failures of nvidia-smi mean and what to do about each, by words that its releases have in common. */
const FAILURES: readonly (readonly [RegExp, string])[] = [
  [
    /couldn't communicate with the NVIDIA driver/i,
    'The NVIDIA driver is not running: load its kernel module (modprobe nvidia) or reinstall the driver for this kernel.',
  ],
  [
    /driver\/library version mismatch/i,
    "The NVIDIA driver's kernel module and libraries are of different versions: reboot, or reload the kernel module.",
  ],
  [/no devices were found/i, 'The NVIDIA driver runs but sees no device.'],
  [
    /insufficient permissions/i,
    'The NVIDIA devices may not be opened: give this user or container access to /dev/nvidia*.',
  ],
  [
    /failed to initialize NVML: unknown error/i,
    'The NVIDIA devices were taken from this container while it ran: restart the container.',
  ],
  [/GPU is lost|fallen off the bus/i, 'An NVIDIA GPU stopped answering on the bus: reboot the host.'],
];

/** A sentence on why nvidia-smi failed. */
export function explainNvidiaFailure(output: string, code: number | null): string {
  const known = FAILURES.find(([pattern]) => pattern.test(output))?.[1];
  if (known !== undefined) return known;
  const firstLine = output.split('\n').find((line) => line.trim() !== '');
  return `nvidia-smi failed${code === null ? '' : ` with exit code ${code}`}: ${firstLine?.trim().slice(0, 200) ?? 'it printed nothing'}`;
}

function numberOf(cell: string | undefined): number | null {
  return cell !== undefined && /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : null;
}

function bytesOf(mebibytes: string | undefined): number | null {
  const number = numberOf(mebibytes);
  return number === null ? null : number * MIB;
}
