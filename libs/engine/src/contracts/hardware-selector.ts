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
}

export interface RankedChoice {
  readonly backend: string;
  readonly artifact: string;
  readonly options: SessionOptions;
  /** Why it stands where it stands, in a sentence. */
  readonly reason: string;
}

export interface Ranking {
  readonly profile: AppliedProfile;
  /** Best first. */
  readonly choices: readonly RankedChoice[];
  readonly rejected: readonly Rejection[];
  /** What the caller should know, e.g. that the profile's accelerator is not here. */
  readonly notes: readonly string[];
}

/** Decides what runs where. A pure function of its arguments. */
export interface HardwareSelector {
  rank(inventory: HardwareInventory, profile: HardwareProfile, candidates: readonly Candidate[]): Ranking;
}
