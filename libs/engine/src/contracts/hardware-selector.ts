import type { Rejection } from '../errors';
import type { DeviceKind, SessionOptions } from './backend';
import type { HardwareInventory } from './hardware';
import type { AppliedProfile, HardwareProfile, Precision } from './model';

/** A backend that understands an artifact. */
export interface Candidate {
  readonly backend: string;
  readonly device: DeviceKind;
  readonly priority: number;
  readonly profiles?: readonly AppliedProfile[] | undefined;
  readonly artifact: string;
  readonly precision: Precision;
  readonly requires: readonly string[];
  /** Sessions beyond which more of them do no good. */
  readonly mostSessions?: number | undefined;
  /** Bytes of the model's files, to estimate what a session needs; absent where it is not known. */
  readonly modelBytes?: number;
}

/** What a request asks for beyond its profile. */
export interface SelectionWishes {
  /** true: fp16 where the device computes in it; false: never; absent: as the profile does. */
  readonly fp16?: boolean | undefined;
}

export interface RankedChoice {
  readonly backend: string;
  readonly artifact: string;
  readonly options: SessionOptions;
  /** Why it stands where it stands, in a sentence. */
  readonly reason: string;
  /** What the caller should know if this one runs, e.g. that the accelerator of the profile is missing. */
  readonly notes?: readonly string[];
}

export interface Ranking {
  readonly profile: AppliedProfile;
  /** Best first. */
  readonly choices: readonly RankedChoice[];
  readonly rejected: readonly Rejection[];
  /** What the caller should know whichever choice runs. */
  readonly notes: readonly string[];
}

/** Decides what runs where. A pure function of its arguments. */
export interface HardwareSelector {
  rank(
    inventory: HardwareInventory,
    profile: HardwareProfile,
    candidates: readonly Candidate[],
    wishes?: SelectionWishes,
  ): Ranking;
}
