import {
  AVAILABLE,
  type Availability,
  normalizeRows,
  Processor,
  type ProcessorTask,
  unavailable,
  type VectorProcessor,
  type VectorStep,
} from '@sutra-embedder/engine';
import { requireAccepted } from '../accepted';
import { requireFinite } from '../finite';
import { mixAxes } from './mix-axes';
import { packProjection, project } from './project';
import { readRotation } from './read-rotation';

/**
 * Reduces vectors by the model's own rotation: its principal axes, the first of which keep most. The values along
 * these axes are then mixed evenly (`mixAxes`), so a result of 256 dimensions is not meant to be cut to 128: ask for 128.
 * Leaves lengths that the model was trained to be cut to (`trainedDimensions`) to a plain cut.
 */
@Processor()
export class PcaProcessor implements VectorProcessor {
  readonly id = 'pca';
  readonly stage = 'reduce';
  readonly priority = 50;

  accepts({ model, from, to }: ProcessorTask): Availability {
    if (to >= from) return unavailable(`it makes vectors shorter; ${to} is not less than ${from}`);
    if (to < 1) return unavailable(`${to} is no length of a vector`);
    if (!model.rotation) return unavailable(`model "${model.id}" has no rotation`);
    if (from !== model.dimensions) {
      return unavailable(`the rotation of model "${model.id}" takes ${model.dimensions} dimensions, not ${from}`);
    }
    if (to > model.rotation.axes) {
      return unavailable(`the rotation of model "${model.id}" has ${model.rotation.axes} axes, fewer than ${to}`);
    }
    if (model.trainedDimensions.includes(to)) return unavailable(`model "${model.id}" was trained to be cut to ${to}`);
    return AVAILABLE;
  }

  async prepare(task: ProcessorTask): Promise<VectorStep> {
    requireAccepted(this, task);
    const { model, to, normalize } = task;
    if (!model.rotation) throw new TypeError('accepts() has seen a rotation');
    const axes = await readRotation(model, model.rotation, to);
    const projection = packProjection(mixAxes(axes, to, model.dimensions), to, model.dimensions);
    return {
      method: 'pca',
      apply: (vectors) => {
        requireFinite(vectors);
        const values = project(vectors.values, vectors.rows, projection);
        if (normalize) normalizeRows(values, to);
        return { rows: vectors.rows, dimensions: to, values };
      },
    };
  }
}
