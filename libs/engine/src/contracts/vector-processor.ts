import type { Model } from './model';
import type { Availability, Strategy } from './strategy';

/** How a finished vector is coded. */
export const QUANTIZATION_SCHEMES = ['none', 'int8', 'int4', 'binary'] as const;
export type QuantizationScheme = (typeof QUANTIZATION_SCHEMES)[number];

/** Codes of several vectors, one after the other. */
export interface VectorCodes {
  readonly scheme: QuantizationScheme;
  readonly bytesPerVector: number;
  /** rows x bytesPerVector. */
  readonly bytes: Uint8Array;
  /** One scale a row where the scheme needs one: value = code x scale. */
  readonly scales?: Float32Array;
}

/** Finished vectors of several texts. */
export interface Vectors {
  readonly rows: number;
  readonly dimensions: number;
  /** rows x dimensions, row-major float32. After quantization: the decoded values of the codes. */
  readonly values: Float32Array;
  readonly codes?: VectorCodes;
}

/** What a processor is asked to do. */
export interface ProcessorTask {
  readonly model: Model;
  /** Length of the incoming vectors. */
  readonly from: number;
  /** Length of the outgoing vectors; equal to `from` for the quantize stage. */
  readonly to: number;
  readonly scheme: QuantizationScheme;
  /** Whether the caller wants vectors of length 1 (before coding). */
  readonly normalize: boolean;
}

/** A processor made ready for one task. `apply` is pure, works row by row and gives the same bits everywhere. */
export interface VectorStep {
  /** What it does, in one word or two for metadata, e.g. `pca`, `cut`, `hadamard`, `int8`. */
  readonly method: string;
  apply(vectors: Vectors): Vectors;
}

export type ProcessorStage = 'reduce' | 'expand' | 'quantize';

/** Reduces, expands or quantizes finished vectors. */
export interface VectorProcessor extends Strategy {
  readonly stage: ProcessorStage;
  /** Pure: whether it can do this task, or why not. */
  accepts(task: ProcessorTask): Availability;
  /** Loads what it needs, once per plan. */
  prepare(task: ProcessorTask): VectorStep | Promise<VectorStep>;
}
