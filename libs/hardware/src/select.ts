import type {
  AppliedProfile,
  Candidate,
  HardwareInventory,
  HardwareProfile,
  Ranking,
  SelectionWishes,
} from '@sutra-embedder/engine';
import { decide, isRanked, isRejection } from './selection/decide';
import { byId, byRank } from './selection/order';
import { POLICIES } from './selection/policy';
import { noteMissingDevice } from './selection/wanted-device';
import { resolveProfile } from './tier';

/**
 * Ranks what backends could do on a machine. The order: idle devices before those in use; then priority, which is how a
 * plugin comes first; then accelerators, the CPU, other machines; then the precision that is fastest on the device; then
 * ids, so that the order of the candidates never matters. Whatever is not ranked is rejected with a reason.
 *
 * `auto` uses the whole machine, whatever its tier; a tier asked for by name works as a machine of that tier would.
 */
export function select(
  inventory: HardwareInventory,
  profile: HardwareProfile | AppliedProfile,
  candidates: readonly Candidate[],
  wishes: SelectionWishes = {},
): Ranking {
  const applied = resolveProfile(profile, inventory);
  const request = { inventory, applied, policy: POLICIES[profile], wishes };
  const decisions = candidates.map((candidate) => decide(candidate, request));
  const ranked = decisions.filter(isRanked).sort(byRank);
  const rejected = decisions.filter(isRejection).sort(byId);
  const choices = noteMissingDevice(applied, inventory, candidates, ranked, rejected);
  return { profile: applied, choices, rejected, notes: [] };
}
