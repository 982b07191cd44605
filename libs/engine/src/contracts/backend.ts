import type { HardwareInventory } from './hardware';
import type { AppliedProfile, Artifact, Model } from './model';
import type { SessionRecipe } from './session-host';
import type { ModelSession } from './session';
import type { Availability, Strategy } from './strategy';

/** How a session is to be opened; every backend maps what applies to it and ignores nothing in silence. */
export interface SessionOptions {
  /** Threads inside one session. */
  readonly threads: number;
  /** Sessions side by side. */
  readonly sessions: number;
  readonly deviceId?: number;
  /** Upper bound of device memory in bytes. */
  readonly memoryLimitBytes?: number;
  /** Compute in fp16 where the device can. */
  readonly fp16?: boolean;
  /** Most padded tokens of a batch, where it was measured; the backend's or the engine's own value otherwise. */
  readonly tokenBudget?: number;
}

/** What batches a backend runs best; absent fields take the engine's own values. */
export interface BatchLimits {
  /** Most tokens of a batch, padding included. */
  readonly tokenBudget?: number;
  /** Most texts of a batch. */
  readonly maxRows?: number;
  /**
   * Whether rows are padded to the longest of their batch, which makes texts of like length worth gathering and an even
   * share for every free session worth splitting for. `false`: batches are filled in order of turn. Default true.
   */
  readonly padded?: boolean;
  /** Whether equal texts under way are worth looking for. Default true; `false` where computing one costs as little. */
  readonly singleFlight?: boolean;
}

export type DeviceKind = 'cpu' | 'cuda' | 'tensorrt' | 'coreml' | 'rocm' | 'remote' | (string & {});

/** Turns an artifact into sessions on one kind of device. */
export interface EmbeddingBackend extends Strategy {
  /** The kind of device it computes on. `remote` computes elsewhere and needs nothing of this machine. */
  readonly device: DeviceKind;
  /** Whether this backend understands the artifact at all; a pure question. */
  accepts(artifact: Artifact): Availability;
  /** Whether the machine has what it takes for this artifact; may open a tiny model in a forked process. */
  probe(inventory: HardwareInventory, artifact: Artifact): Availability | Promise<Availability>;
  /** Profiles and tiers it is ranked for; absent means all. */
  readonly profiles?: readonly AppliedProfile[];
  /** What of the options it cannot honor, in words for the caller. */
  notes?(options: SessionOptions): readonly string[];
  /** Default true; `false`: texts are tokenized without the special tokens that stand around them. */
  readonly specialTokens?: boolean;
  readonly batching?: BatchLimits;
  /** Sessions beyond which more of them do no good; absent: as many as the machine has cores. */
  readonly mostSessions?: number;
  /**
   * Either a recipe that a session host opens off the main thread (native or computing backends), or a session
   * that runs where it is (a backend that only waits, such as a remote one).
   */
  open(model: Model, artifact: Artifact, options: SessionOptions): Promise<SessionRecipe | ModelSession>;
}
