import type { AppliedProfile, Model } from '../contracts';
import { ModelNotAvailableError } from '../errors';
import { PRESETS } from './presets';

/**
 * The model that `custom` stands for: of the ready ones, the best by quality among those that give the wanted length
 * without being expanded; where none does, the best of all. On the profile `minimal` the model of ultra-efficient, which
 * costs a hundredth of a transformer, comes before all others. Equal quality goes by id, so that the answer is stable.
 */
export function chooseModel(
  ready: readonly Model[],
  dimensions: number | undefined,
  profile: AppliedProfile,
): { model: Model; note: string } {
  const first = profile === 'minimal' ? PRESETS['ultra-efficient']?.model : undefined;
  const isFirst = (model: Model) => Number(model.id === first);
  const ranked = [...ready].sort(
    (a, b) => isFirst(b) - isFirst(a) || (b.qualityScore ?? 0) - (a.qualityScore ?? 0) || (a.id < b.id ? -1 : 1),
  );
  const wide = ranked.find((model) => dimensions === undefined || model.dimensions >= dimensions);
  const model = wide ?? ranked[0];
  if (!model) throw new ModelNotAvailableError('No model is ready to serve');
  const best =
    model.id === first
      ? 'the static model, which comes first on the profile minimal'
      : 'the best ready model by quality score';
  const why = wide ? best : `${best}; it is expanded to the length asked for`;
  return { model, note: `custom was resolved to ${model.id}: ${why}` };
}
