import type { Artifact, RankedChoice } from '../contracts';

/** What `npm run tune` found best on this machine for one artifact on one backend. */
export interface TunedOptions {
  readonly sessions: number;
  readonly threads: number;
  readonly tokenBudget: number;
}

/** By `tuningKey`. */
export type Tuning = Readonly<Record<string, TunedOptions>>;

export function tuningKey(backend: string, artifact: Artifact): string {
  return `${backend}/${artifact.sha256}`;
}

/** A choice with the options that were measured best, where they were measured. */
export function withTuning(choice: RankedChoice, artifact: Artifact, tuning: Tuning): RankedChoice {
  const tuned = tuning[tuningKey(choice.backend, artifact)];
  if (!tuned) return choice;
  return {
    ...choice,
    options: { ...choice.options, ...tuned },
    reason: `${choice.reason}; tuned on this machine to ${tuned.sessions} sessions of ${tuned.threads} threads, ${tuned.tokenBudget} tokens a batch`,
  };
}
