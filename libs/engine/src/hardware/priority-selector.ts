import type { Candidate, HardwareInventory, HardwareProfile, HardwareSelector, Ranking } from '../contracts';

/** Ranks by priority alone, one one-thread session for each core. Used where no HardwareModule is imported. */
export class PrioritySelector implements HardwareSelector {
  rank(inventory: HardwareInventory, profile: HardwareProfile, candidates: readonly Candidate[]): Ranking {
    const choices = [...candidates]
      .sort((a, b) => b.priority - a.priority)
      .map(({ backend, artifact, mostSessions = Infinity }) => ({
        backend,
        artifact,
        options: { threads: 1, sessions: Math.min(inventory.cpu.cores, mostSessions) },
        reason: 'ranked by priority alone: no hardware selector is loaded',
      }));
    return { profile: profile === 'auto' ? 'medium' : profile, choices, rejected: [], notes: [] };
  }
}
