import type {
  AppliedProfile,
  Artifact,
  HardwareProfile,
  Model,
  QuantizationScheme,
  SessionOptions,
  Tokenizer,
  VectorStep,
} from '../contracts';
import type { Rejection } from '../errors';
import type { GroupRef } from '../pipeline/session-groups';

/** What of a request decides the plan. Absent fields take the preset's or the model's own values. */
export interface PlanRequest {
  /** A preset or a model id; default `efficient`. */
  readonly model?: string | undefined;
  /** 64 to 4096; default the model's native dimensions. */
  readonly dimensions?: number | undefined;
  readonly quantization?: QuantizationScheme | undefined;
  readonly useFp16?: boolean | undefined;
  readonly hardwareProfile?: HardwareProfile | undefined;
  /** Default true. */
  readonly normalize?: boolean | undefined;
}

export type DimensionStrategy = 'native' | 'reduced' | 'expanded';

/** Everything that decides a vector besides its text, resolved once for each distinct request shape. */
export interface Plan {
  /** Names every choice that a vector's bits depend on. */
  readonly key: string;
  readonly preset: string | undefined;
  readonly model: Model;
  readonly artifact: Artifact;
  readonly backend: string;
  readonly options: SessionOptions;
  readonly profile: AppliedProfile;
  readonly tokenizer: Tokenizer;
  /** The sessions it runs on; a request holds them while it runs. */
  readonly group: GroupRef;
  /** Length of the vectors returned. */
  readonly dimensions: number;
  readonly dimensionStrategy: DimensionStrategy;
  readonly quantization: QuantizationScheme;
  readonly normalize: boolean;
  /** Applied in order to every finished vector. */
  readonly steps: readonly VectorStep[];
  /** What the caller should know. */
  readonly notes: readonly string[];
  /** Why the backend was chosen. */
  readonly reason: string;
  /** What stood before it in rank, or could not be ranked, and why. */
  readonly rejected: readonly Rejection[];
}
