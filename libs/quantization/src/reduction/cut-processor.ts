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

/**
 * Keeps the first `to` dimensions. Right for models that were trained to be cut; for others without a rotation it is
 * the only way, and loses more than a rotation would.
 */
@Processor()
export class CutProcessor implements VectorProcessor {
  readonly id = 'cut';
  readonly stage = 'reduce';
  /** Below the rotation, which leaves lengths that the model was trained for to this. */
  readonly priority = 40;

  accepts({ from, to }: ProcessorTask): Availability {
    if (to >= from) return unavailable(`it makes vectors shorter; ${to} is not less than ${from}`);
    if (to < 1) return unavailable(`${to} is no length of a vector`);
    return AVAILABLE;
  }

  prepare(task: ProcessorTask): VectorStep {
    requireAccepted(this, task);
    const { from, to, normalize } = task;
    return {
      method: 'cut',
      apply: (vectors) => {
        requireFinite(vectors);
        const values = new Float32Array(vectors.rows * to);
        for (let row = 0; row < vectors.rows; row++) {
          values.set(vectors.values.subarray(row * from, row * from + to), row * to);
        }
        if (normalize) normalizeRows(values, to);
        return { rows: vectors.rows, dimensions: to, values };
      },
    };
  }
}
