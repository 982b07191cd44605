import type { HardwareTier, Model } from './model';
import type { Strategy } from './strategy';

export interface FetchProgress {
  readonly receivedBytes: number;
  readonly totalBytes: number | null;
}

/** A model that a source knows of. */
export interface ModelEntry {
  readonly id: string;
  /** Other names of it, such as its repository's on a hub. */
  readonly aliases?: readonly string[];
  readonly name: string;
  readonly dimensions: number;
  readonly qualityScore: number | null;
  readonly sizeMb: number | null;
  /** Shorter lengths it was trained to be cut to. */
  readonly trainedDimensions: readonly number[];
  /** Whether a fitted rotation reduces it to any shorter length. */
  readonly hasRotation: boolean;
  readonly maxTokens: number;
  readonly license: string;
  readonly hardwareTier: HardwareTier;
  readonly state: 'available' | 'ready';
}

/** A place models come from: shipped with the project, a local folder, a hub. */
export interface ModelSource extends Strategy {
  /** What there is, ready or not. */
  list(): Promise<readonly ModelEntry[]>;
  /** The model, verified and ready to open, or undefined where this source does not have it. */
  locate(id: string): Promise<Model | undefined>;
  /**
   * Brings an available model here. Absent where nothing can be fetched. Called again after a failure or an abort, it
   * goes on from what has arrived.
   * @throws ModelNotAvailableError with what to do about it
   */
  fetch?(id: string, onProgress: (progress: FetchProgress) => void, signal: AbortSignal): Promise<Model>;
  /** Takes what was fetched off the disk. Absent where nothing may be removed. Answers whether there was anything. */
  remove?(id: string): Promise<boolean>;
}
