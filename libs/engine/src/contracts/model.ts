/** How token vectors become one text vector. */
export type Pooling = 'mean' | 'cls' | 'last';

/** How weights and activations are computed: a property of a session. Not to be confused with quantization. */
export type Precision = 'fp32' | 'fp16' | 'int8';

/** Size and SHA-256 (hex) of a file of a model, as its manifest states them. */
export interface ModelFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** A text with the vector that the reference implementation gives for it. */
export interface ReferenceProbe {
  readonly text: string;
  /** Reference vector in float32, `dimensions` long, normalized. */
  readonly vector: Float32Array;
}

/** One loadable form of a model. */
export interface Artifact {
  readonly modelId: string;
  /** Unique within the model, e.g. `fp32`, `int8`. */
  readonly id: string;
  /** What kind of file the backend must understand, e.g. `onnx`, `model2vec`. */
  readonly format: string;
  readonly precision: Precision;
  /** Absolute path of the entry file (graph or matrix). Files beside it are found relative to it. */
  readonly path: string;
  /** Identity of the bytes: SHA-256 over the SHA-256 of every file; part of every cache key. */
  readonly sha256: string;
  /** Padding costs it hardly anything, so texts of unlike length may share a batch. Default false. */
  readonly ragged?: boolean;
  /** Instruction sets or features that the device needs to compute this artifact exactly, e.g. `int8_dot`. */
  readonly requires: readonly string[];
  /** Bytes of all its files; absent where that is not known. */
  readonly bytes?: number;
  /** A fresh session must reproduce the model's probes to at least this cosine before it serves. */
  readonly probeCosine: number;
}

/** The first k rows of an orthonormal rotation reduce a vector to k dimensions. */
export interface Rotation {
  /** Absolute path: float32 little-endian, row-major, `axes` x native dimensions. */
  readonly path: string;
  readonly axes: number;
  readonly fittedOn: string;
}

/** A model as its manifest describes it, with paths resolved. Frozen. */
export interface Model {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  /** Length of the vectors the model gives by itself. */
  readonly dimensions: number;
  /** Shorter lengths that the model was trained to be cut to (Matryoshka), longest first. */
  readonly trainedDimensions: readonly number[];
  /** Longest input in tokens, special tokens included. */
  readonly maxTokens: number;
  readonly pooling: Pooling;
  readonly normalize: boolean;
  /** Text put before an input, by prompt name (`query`, `passage`, ...). */
  readonly prompts: Readonly<Record<string, string>>;
  /** Text put before an input for which no prompt was named; default none. */
  readonly defaultPrompt?: string;
  /** Token id that fills up the rows of a batch; default 0. */
  readonly padTokenId?: number;
  /** Position of the first token, for graphs that want positions as an input; default 0. */
  readonly positionOffset?: number;
  /** Average MTEB score, 0 to 100, or null where no source is known. */
  readonly qualityScore: number | null;
  readonly qualitySource: string | null;
  readonly license: string;
  readonly sizeMb: number;
  readonly hardwareTier: HardwareTier;
  /** Absolute folder of the model. */
  readonly folder: string;
  readonly tokenizerPath: string;
  readonly rotation: Rotation | null;
  readonly artifacts: readonly Artifact[];
  /** Empty where no reference vectors are known; its sessions then only prove that they are sound. */
  readonly probes: readonly ReferenceProbe[];
}

/** Tiers of a machine, by cores and memory: the lower of the two counts. */
export const HARDWARE_TIERS = ['minimal', 'low', 'medium', 'high', 'extreme'] as const;
export type HardwareTier = (typeof HARDWARE_TIERS)[number];

/** Profiles that a request may name. `auto` resolves to the machine's own tier. */
export const HARDWARE_PROFILES = ['auto', 'minimal', 'desktop', 'server', 'h100'] as const;
export type HardwareProfile = (typeof HARDWARE_PROFILES)[number];

/** What a profile comes to on a machine: a named profile, or the machine's tier for `auto`. */
export type AppliedProfile = Exclude<HardwareProfile, 'auto'> | HardwareTier;
