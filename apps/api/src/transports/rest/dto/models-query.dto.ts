import { HARDWARE_TIERS, MAX_DIMENSIONS, MIN_DIMENSIONS, type HardwareTier } from '@sutra-embedder/engine';
import { Transform } from 'class-transformer';
import { OneOf, Whole } from './field';

export class ModelsQueryDto {
  // A query string holds text only; what is not a plain number stays as it is and is refused by the validator.
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value,
  )
  @Whole(MIN_DIMENSIONS, MAX_DIMENSIONS, { description: 'Only models that give vectors of this length.' })
  dimensions?: number;

  @OneOf(HARDWARE_TIERS, { description: 'Only models that run on a machine of this tier.' })
  hardware_profile?: HardwareTier;
}
