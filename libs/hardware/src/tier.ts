import {
  type AppliedProfile,
  type CpuInfo,
  HARDWARE_TIERS,
  type HardwareInventory,
  type HardwareProfile,
  type HardwareTier,
  type MemoryInfo,
} from '@sutra-embedder/engine';

const GIB = 2 ** 30;

/** Largest cores and GiB that still belong to a tier, in the order of HARDWARE_TIERS. */
export const TIER_BOUNDS: Readonly<Record<HardwareTier, { readonly cores: number; readonly gib: number }>> = {
  minimal: { cores: 4, gib: 8 },
  low: { cores: 8, gib: 16 },
  medium: { cores: 16, gib: 32 },
  high: { cores: 32, gib: 64 },
  extreme: { cores: Number.POSITIVE_INFINITY, gib: Number.POSITIVE_INFINITY },
};

/**
 * The machine's tier: the lower of its tiers by usable cores and by usable memory. Memory counts in whole GiB, rounded
 * to the nearest, because firmware and kernel keep a part: a machine sold with 16 GB reports 15.5, a limit of 16.4 is
 * no larger machine.
 */
export function tierOf(machine: {
  readonly cpu: Pick<CpuInfo, 'cores'>;
  readonly memory: Pick<MemoryInfo, 'limitBytes'>;
}): HardwareTier {
  const gib = Math.round(machine.memory.limitBytes / GIB);
  const { cores } = machine.cpu;
  return HARDWARE_TIERS.find((tier) => cores <= TIER_BOUNDS[tier].cores || gib <= TIER_BOUNDS[tier].gib) ?? 'extreme';
}

/** The profile that is applied: `auto` becomes the machine's tier, every other stays. */
export function resolveProfile(
  profile: HardwareProfile | AppliedProfile,
  inventory: Pick<HardwareInventory, 'cpu' | 'memory'>,
): AppliedProfile {
  return profile === 'auto' ? tierOf(inventory) : profile;
}
