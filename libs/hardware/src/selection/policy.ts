import type { HardwareProfile, HardwareTier } from '@sutra-embedder/engine';

import { TIER_BOUNDS } from '../tier';

/** What a profile means for selection. */
export interface Policy {
  /** Whether devices other than the CPU are ranked at all. */
  readonly accelerators: boolean;
  /** Of the usable cores, how many sessions may keep busy. */
  cores(usable: number): number;
  /** A device above this utilization, 0 to 1, counts as in use. */
  readonly busyAbove: number;
  /** Share of a device's free memory that may be taken, 0 to 1. */
  readonly deviceMemory: number;
  /** Share of RAM that sessions may take, 0 to 1; the rest is for the server, its cache and the system. */
  readonly memory: number;
  /** Compute in fp16 where the device can, unless the request says otherwise. */
  readonly fp16: boolean;
}

/** All of the machine. Sessions take half of RAM at most; a driver keeps part of its device's memory for itself. */
const WHOLE: Policy = {
  accelerators: true,
  cores: (usable) => usable,
  busyAbove: 0.9,
  deviceMemory: 0.9,
  memory: 0.5,
  fp16: false,
};

/** A tier named by a request: as a machine of that tier would work, however large this one is. */
const asTier = (tier: HardwareTier): Policy => ({
  ...WHOLE,
  cores: (usable) => Math.min(usable, TIER_BOUNDS[tier].cores),
});

export const POLICIES: Readonly<Record<HardwareProfile | HardwareTier, Policy>> = Object.freeze({
  auto: WHOLE,
  /** The least that serves: one session of one thread on the CPU. */
  minimal: { ...WHOLE, accelerators: false, cores: () => 1 },
  /** Somebody works at this machine: half of the cores stay free, a device is taken only while it is rather idle. */
  desktop: {
    ...WHOLE,
    cores: (usable) => Math.max(1, Math.floor(usable / 2)),
    busyAbove: 0.5,
    deviceMemory: 0.5,
    memory: 0.25,
  },
  server: WHOLE,
  h100: { ...WHOLE, fp16: true },
  low: asTier('low'),
  medium: asTier('medium'),
  high: asTier('high'),
  extreme: WHOLE,
});

/** The accelerator that a profile is named after; without it the profile still runs, with a note. */
export const WANTED_DEVICE: Readonly<
  Partial<Record<HardwareProfile | HardwareTier, { readonly vendor: string; readonly computeCapability: number }>>
> = Object.freeze({ h100: { vendor: 'nvidia', computeCapability: 9 } });
