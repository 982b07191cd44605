import type { Model } from '../contracts';
import { ModelNotAvailableError } from '../errors';

/**
 * The model that `custom` stands for: of the ready ones, the best by quality among those that give the wanted length
 * without being expanded; where none does, the best of all. Equal quality goes by id, so that the answer is stable.
 */
export function chooseModel(ready: readonly Model[], dimensions: number | undefined): { model: Model; note: string } {
  const ranked = [...ready].sort((a, b) => (b.qualityScore ?? 0) - (a.qualityScore ?? 0) || (a.id < b.id ? -1 : 1));
  const wide = ranked.find((model) => dimensions === undefined || model.dimensions >= dimensions);
  const model = wide ?? ranked[0];
  if (!model) throw new ModelNotAvailableError('No model is ready to serve');
  const why = wide
    ? 'the best ready model by quality score'
    : 'the best ready model; it is expanded to the length asked for';
  return { model, note: `custom was resolved to ${model.id}: ${why}` };
}
