import type { Candidate, RankedChoice, Rejection } from '@sutra-embedder/engine';

/** A candidate that can run here, with what its place in the ranking depends on. */
export interface Ranked {
  readonly candidate: Candidate;
  /** On a device that is in use. */
  readonly busy: boolean;
  /** 0 for the precision that is fastest on its device. */
  readonly precisionRank: number;
  readonly choice: RankedChoice;
}

/** Best first: see `select`. */
export function byRank(a: Ranked, b: Ranked): number {
  return (
    Number(a.busy) - Number(b.busy) ||
    b.candidate.priority - a.candidate.priority ||
    deviceRank(a.candidate) - deviceRank(b.candidate) ||
    a.precisionRank - b.precisionRank ||
    compare(a.candidate.backend, b.candidate.backend) ||
    compare(a.candidate.artifact, b.candidate.artifact)
  );
}

export function byId(a: Rejection, b: Rejection): number {
  return compare(a.id, b.id);
}

function deviceRank({ device }: Candidate): number {
  if (device === 'cpu') return 1;
  return device === 'remote' ? 2 : 0;
}

/** By code units: the locale of a machine must not decide what runs on it. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
