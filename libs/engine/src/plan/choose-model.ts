import { HARDWARE_TIERS, type AppliedProfile, type HardwareTier, type Model } from '../contracts';
import { ModelNotAvailableError } from '../errors';
import { PRESETS } from './presets';

/** The tier of machine that each profile speaks of. */
const TIER_OF_PROFILE: Readonly<Record<AppliedProfile, HardwareTier>> = Object.freeze({
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  extreme: 'extreme',
  desktop: 'medium',
  server: 'high',
  h100: 'extreme',
});

/**
 * The model that `custom` stands for, of the ready ones: those that the profile carries before those it does not, those
 * that give the wanted length without being expanded before those that do not; then the best by quality (a model
 * without a score last), but on the profile `minimal` the model of ultra-efficient, which costs a hundredth of a
 * transformer, before all others. Equal quality goes by id, so that the answer is stable.
 * @throws ModelNotAvailableError when no model is ready
 */
export function chooseModel(
  ready: readonly Model[],
  dimensions: number | undefined,
  profile: AppliedProfile,
): { model: Model; note: string } {
  const first = profile === 'minimal' ? PRESETS['ultra-efficient']?.model : undefined;
  const tier = HARDWARE_TIERS.indexOf(TIER_OF_PROFILE[profile]);
  const fits = (model: Model) => HARDWARE_TIERS.indexOf(model.hardwareTier) <= tier;
  const gives = (model: Model) => dimensions === undefined || model.dimensions >= dimensions;
  const prefer = (rule: (model: Model) => boolean, a: Model, b: Model) => Number(rule(b)) - Number(rule(a));
  const [model] = [...ready].sort(
    (a, b) =>
      prefer(fits, a, b) ||
      prefer(gives, a, b) ||
      prefer(({ id }) => id === first, a, b) ||
      (b.qualityScore ?? -1) - (a.qualityScore ?? -1) ||
      (a.id < b.id ? -1 : 1),
  );
  if (!model) {
    throw new ModelNotAvailableError('No model is ready to serve; POST /v1/models/{model_id}/download fetches one');
  }
  const why = [
    model.id === first
      ? 'the static model, which comes first on the profile minimal'
      : 'the best ready model by quality score',
    ...(fits(model) ? [] : [`it is large for the profile ${profile}`]),
    ...(gives(model) ? [] : ['it is expanded to the length asked for']),
  ];
  return { model, note: `custom was resolved to ${model.id}: ${why.join('; ')}` };
}
