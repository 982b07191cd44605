import type {
  Accelerator,
  AppliedProfile,
  Candidate,
  HardwareInventory,
  RankedChoice,
  Rejection,
} from '@sutra-embedder/engine';
import { labelOf, reasonFor, vendorOf } from './device';
import type { Ranked } from './order';
import { WANTED_DEVICE } from './policy';

/** A note where the device is of the profile's vendor, but of a lesser class. */
export function lesserDevice(applied: AppliedProfile, device: Accelerator): string[] {
  const wanted = WANTED_DEVICE[applied];
  const { vendor, computeCapability } = device;
  if (wanted?.vendor !== vendor || computeCapability === undefined || computeCapability >= wanted.computeCapability) {
    return [];
  }
  return [`${applied}: no device of that class is here; ${labelOf(device)} is used`];
}

/**
 * Adds to each choice that is not on the profile's own accelerator a note that says so and why, for the case that it is
 * the one that runs. A backend that was chosen for the profile by name, or that runs elsewhere, needs none.
 */
export function noteMissingDevice(
  applied: AppliedProfile,
  inventory: HardwareInventory,
  candidates: readonly Candidate[],
  ranked: readonly Ranked[],
  rejected: readonly Rejection[],
): readonly RankedChoice[] {
  const wanted = WANTED_DEVICE[applied];
  if (wanted === undefined) return ranked.map(({ choice }) => choice);
  const isWanted = ({ device }: Candidate) => vendorOf(device) === wanted.vendor;
  const first = ranked.findIndex(({ candidate }) => isWanted(candidate));
  const missing = () => {
    const refused = new Map(rejected.map(({ id, reason }) => [id, reason]));
    const why = candidates
      .filter(isWanted)
      .flatMap(({ backend, artifact }) => refused.get(`${backend}/${artifact}`) ?? []);
    if (why.length > 0) return [...new Set(why)].join('; ');
    const found = inventory.accelerators.some(({ vendor }) => vendor === wanted.vendor);
    return found ? `no backend for it takes this model` : reasonFor(inventory, wanted.vendor);
  };
  return ranked.map(({ candidate, choice }, place) => {
    if (isWanted(candidate) || candidate.device === 'remote' || candidate.profiles?.includes(applied)) return choice;
    const used = ranked[first];
    let why: string;
    if (used === undefined) why = missing();
    else if (place > first) why = `${used.choice.backend} could not be opened`;
    else why = used.busy ? used.choice.reason : `${choice.backend} has the higher priority`;
    const note = `${applied}: ${choice.backend} runs in place of an ${wanted.vendor} accelerator: ${why}`;
    return { ...choice, notes: [...(choice.notes ?? []), note] };
  });
}
