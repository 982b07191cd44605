import { readFile } from 'node:fs/promises';
import {
  AVAILABLE,
  InternalError,
  InvalidArgumentError,
  normalizeRows,
  Processor,
  unavailable,
  type Availability,
  type ProcessorTask,
  type VectorProcessor,
  type Vectors,
  type VectorStep,
} from '@sutra-embedder/engine';
import { readWhitening, type Whitening } from './whitening';

/**
 * Reduces vectors along axes fitted on texts like yours, with equal variance along each: cosines then tell apart what
 * is alike in your texts (Su et al., "Whitening Sentence Representations", 2021).
 */
@Processor()
export class WhiteningProcessor implements VectorProcessor {
  readonly id = 'whitening';
  readonly stage = 'reduce';
  /** Above the first-party ones (at most 50). */
  readonly priority = 60;
  private whitening: Whitening | undefined;

  /** @param path what whitening-fit has written; undefined: nothing was fitted */
  constructor(private readonly path: string | undefined) {}

  /** Rejects where the file cannot be used, which stops the boot: somebody asked for it. */
  async init(): Promise<void> {
    if (this.path === undefined) return;
    try {
      this.whitening = readWhitening(await readFile(this.path, 'utf8'));
    } catch (error) {
      throw new Error(`WHITENING_FILE cannot be used: ${(error as Error).message}. Make it anew with whitening-fit`, {
        cause: error,
      });
    }
  }

  accepts({ model, from, to }: ProcessorTask): Availability {
    const { whitening } = this;
    if (!whitening) return unavailable('WHITENING_FILE is not set; make one with whitening-fit');
    if (model.id !== whitening.model) return unavailable(`it was fitted on ${whitening.model}, not on ${model.id}`);
    if (from !== whitening.dimensions) return unavailable(`it takes ${whitening.dimensions} dimensions, not ${from}`);
    if (to < 1 || to >= from) return unavailable(`it makes vectors shorter; ${to} is not less than ${from}`);
    if (to > whitening.axes) return unavailable(`it has ${whitening.axes} axes, fewer than ${to}`);
    return AVAILABLE;
  }

  prepare(task: ProcessorTask): VectorStep {
    const answer = this.accepts(task);
    if (!answer.available || !this.whitening) {
      throw new InvalidArgumentError(`Whitening cannot do this: ${answer.available ? 'no file' : answer.reason}`);
    }
    const { whitening } = this;
    return { method: 'whitening', apply: (vectors) => whiten(vectors, whitening, task) };
  }
}

/** Row by row, summed in float64 in a fixed order: the same bits everywhere. */
function whiten(
  { rows, values }: Vectors,
  { mean, matrix }: Whitening,
  { from, to, normalize }: ProcessorTask,
): Vectors {
  const result = new Float32Array(rows * to);
  const centered = new Float64Array(from);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < from; i++) centered[i] = (values[row * from + i] as number) - (mean[i] as number);
    for (let axis = 0; axis < to; axis++) {
      let sum = 0;
      for (let i = 0; i < from; i++) sum += (centered[i] as number) * (matrix[axis * from + i] as number);
      // A vector that is not finite must not come out as a plausible one.
      if (!Number.isFinite(sum)) throw new InternalError('A vector that was to be whitened holds NaN or infinity');
      result[row * to + axis] = sum;
    }
  }
  if (normalize) normalizeRows(result, to);
  return { rows, dimensions: to, values: result };
}
