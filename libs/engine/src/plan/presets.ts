import type { QuantizationScheme } from '../contracts';

/** A stable name for a plan. A preset never changes its model behind a user's back. */
export interface Preset {
  /** The model it stands for; undefined: chosen among the ready ones by dimensions, profile and quality. */
  readonly model: string | undefined;
  /** Artifacts it may run as, by precision; the hardware selector ranks them. */
  readonly precisions: readonly string[];
  readonly quantization: QuantizationScheme;
}

export const PRESETS: Readonly<Record<string, Preset>> = Object.freeze({
  efficient: { model: 'all-MiniLM-L6-v2', precisions: ['int8', 'fp32', 'fp16'], quantization: 'int8' },
  'high-quality': { model: 'all-mpnet-base-v2', precisions: ['fp32'], quantization: 'none' },
  'ultra-efficient': { model: 'sutra-static-en', precisions: ['int8', 'fp32', 'fp16'], quantization: 'int8' },
  custom: { model: undefined, precisions: ['int8', 'fp32', 'fp16'], quantization: 'none' },
});

export const DEFAULT_PRESET = 'efficient';

/** A model asked for by its id runs exactly: in fp32 where it has such an artifact, and its vectors are not coded. */
export function presetForModel(model: string): Preset {
  return { model, precisions: ['fp32'], quantization: 'none' };
}
