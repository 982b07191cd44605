import {
  AVAILABLE,
  type Availability,
  MAX_DIMENSIONS,
  Processor,
  type ProcessorTask,
  unavailable,
  type VectorProcessor,
  type VectorStep,
} from '@sutra-embedder/engine';
import { requireAccepted } from '../accepted';
import { requireFinite } from '../finite';
import { Isometry } from './isometry';

/**
 * Expands vectors by a fixed isometry: every cosine stays what it was (to 1e-6), and sign bits of the longer vector keep
 * more of it than its own would. Lengths of vectors stay too, so there is nothing to normalize.
 */
@Processor()
export class IsometryProcessor implements VectorProcessor {
  readonly id = 'isometry';
  readonly stage = 'expand';
  readonly priority = 50;

  accepts({ from, to }: ProcessorTask): Availability {
    if (from >= to) return unavailable(`it makes vectors longer; ${to} is not more than ${from}`);
    if (to > MAX_DIMENSIONS) return unavailable(`it makes vectors of at most ${MAX_DIMENSIONS} dimensions, not ${to}`);
    return AVAILABLE;
  }

  prepare(task: ProcessorTask): VectorStep {
    requireAccepted(this, task);
    const isometry = new Isometry(task.from, task.to);
    return {
      method: 'hadamard',
      apply: (vectors) => {
        requireFinite(vectors);
        const values = new Float32Array(vectors.rows * task.to);
        for (let row = 0; row < vectors.rows; row++) {
          isometry.apply(vectors.values, row * task.from, values, row * task.to);
        }
        return { rows: vectors.rows, dimensions: task.to, values };
      },
    };
  }
}
