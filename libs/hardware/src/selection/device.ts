import type { Accelerator, DeviceKind, HardwareInventory } from '@sutra-embedder/engine';
import type { Policy } from './policy';

const GIB = 2 ** 30;
/** The provider's context, arena and workspace beside the weights: an estimate, no device was there to measure it. */
const WORKSPACE_BYTES = GIB / 2;
/** Weights kept in fp16 on disk become fp32 on a device that is not told to compute in fp16. */
const WEIGHTS_FACTOR = 2;
/** Taken where the model's size is not known. */
const UNKNOWN_NEED_BYTES = GIB;

/** Whose accelerator a kind of device computes on; a kind that a plugin brings is its vendor's name. */
const VENDORS: Readonly<Record<string, string>> = { cuda: 'nvidia', tensorrt: 'nvidia', rocm: 'amd', coreml: 'apple' };

export function vendorOf(device: DeviceKind): string {
  return VENDORS[device] ?? device;
}

/** Why there is no accelerator of a vendor: what its probe, which has the vendor's name for an id, said. */
export function reasonFor({ reasons }: Pick<HardwareInventory, 'reasons'>, vendor: string): string {
  return reasons[vendor]?.replace(/\.$/, '') ?? `no ${vendor} accelerator was found on this machine`;
}

export type DeviceChoice =
  | {
      readonly usable: true;
      readonly device: Accelerator;
      /** Bytes that may be taken; null where the device does not tell. */
      readonly memoryLimitBytes: number | null;
      /** Why it counts as in use; null where it does not. */
      readonly busy: string | null;
    }
  | { readonly usable: false; readonly reason: string };

/** The accelerator of a vendor to use: idle before busy, then the one with the most free memory, then by index. */
export function chooseDevice(
  inventory: HardwareInventory,
  vendor: string,
  policy: Policy,
  modelBytes?: number,
): DeviceChoice {
  const needBytes = modelBytes === undefined ? UNKNOWN_NEED_BYTES : WORKSPACE_BYTES + WEIGHTS_FACTOR * modelBytes;
  const devices = inventory.accelerators.filter((accelerator) => accelerator.vendor === vendor);
  if (devices.length === 0) return { usable: false, reason: reasonFor(inventory, vendor) };
  const large = devices.filter(
    ({ memoryBytes }) => memoryBytes === null || memoryBytes * policy.deviceMemory >= needBytes,
  );
  const [best] = large
    .map((device) => ({ device, ...loadOf(device, policy, needBytes) }))
    .sort(
      (a, b) =>
        Number(a.busy !== null) - Number(b.busy !== null) ||
        (b.memoryLimitBytes ?? 0) - (a.memoryLimitBytes ?? 0) ||
        a.device.index - b.device.index,
    );
  if (best === undefined) {
    return { usable: false, reason: `no ${vendor} accelerator here has the ${gib(needBytes)} that a session needs` };
  }
  return { usable: true, ...best };
}

function loadOf(device: Accelerator, policy: Policy, needBytes: number) {
  const free = device.freeMemoryBytes ?? device.memoryBytes;
  const memoryLimitBytes = free === null ? null : Math.floor(free * policy.deviceMemory);
  const causes: string[] = [];
  if (device.utilization !== null && device.utilization > policy.busyAbove) {
    causes.push(`${Math.round(device.utilization * 100)} % utilized, above ${policy.busyAbove * 100} %`);
  }
  if (memoryLimitBytes !== null && memoryLimitBytes < needBytes) {
    causes.push(`${gib(memoryLimitBytes)} to be had of its memory, ${gib(needBytes)} needed`);
  }
  return { memoryLimitBytes, busy: causes.length > 0 ? causes.join('; ') : null };
}

/** What an accelerator is called in reasons and notes. */
export function labelOf({ name, index, vendor }: Accelerator): string {
  return vendor === 'apple' ? name : `${name} (device ${index})`;
}

export function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
