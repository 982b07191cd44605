import { Injectable } from '@nestjs/common';
import type {
  Candidate,
  HardwareInventory,
  HardwareProfile,
  HardwareSelector,
  Ranking,
  SelectionWishes,
} from '@sutra-embedder/engine';
import { select } from './select';

/** The ranking rules of this package, as a provider. */
@Injectable()
export class DefaultHardwareSelector implements HardwareSelector {
  rank(
    inventory: HardwareInventory,
    profile: HardwareProfile,
    candidates: readonly Candidate[],
    wishes?: SelectionWishes,
  ): Ranking {
    return select(inventory, profile, candidates, wishes);
  }
}
