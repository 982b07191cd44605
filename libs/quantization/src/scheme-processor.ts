import {
  AVAILABLE,
  type Availability,
  type ProcessorTask,
  type QuantizationScheme,
  unavailable,
  type VectorCodes,
  type VectorProcessor,
  type Vectors,
  type VectorStep,
} from '@sutra-embedder/engine';
import { requireAccepted } from './accepted';
import { requireFinite } from './finite';

/** Codes of several vectors and the float32 values that they stand for. */
export interface Coded {
  readonly codes: VectorCodes;
  readonly values: Float32Array;
}

/** What the processors of all schemes share: which tasks they take, and the frame around coding. */
export abstract class SchemeProcessor implements VectorProcessor {
  readonly stage = 'quantize';
  readonly priority = 50;
  abstract readonly id: string;
  protected abstract readonly scheme: QuantizationScheme;

  /** Codes `rows` vectors of `dimensions` finite values each. */
  protected abstract code(vectors: Vectors): Coded;

  accepts(task: ProcessorTask): Availability {
    if (task.scheme !== this.scheme) return unavailable(`it codes ${this.scheme}, not ${task.scheme}`);
    if (task.from !== task.to) return unavailable(`coding keeps the length: ${task.from} cannot become ${task.to}`);
    return AVAILABLE;
  }

  prepare(task: ProcessorTask): VectorStep {
    requireAccepted(this, task);
    return {
      method: this.scheme,
      apply: (vectors) => {
        requireFinite(vectors);
        return { rows: vectors.rows, dimensions: vectors.dimensions, ...this.code(vectors) };
      },
    };
  }
}
