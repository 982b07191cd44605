import type { Artifact, Candidate, Model } from '../contracts';
import type { StrategyRegistry } from '../plugins/strategy-registry';

/** Every pair of an artifact and a backend that understands it. */
export function candidatesFor(model: Model, artifacts: readonly Artifact[], registry: StrategyRegistry): Candidate[] {
  return artifacts.flatMap((artifact) =>
    registry
      .list('backend')
      .filter(({ strategy }) => strategy.accepts(artifact).available)
      .map(({ strategy }) => ({
        backend: strategy.id,
        device: strategy.device,
        priority: strategy.priority ?? 0,
        profiles: strategy.profiles,
        artifact: artifact.id,
        precision: artifact.precision,
        requires: artifact.requires,
        mostSessions: strategy.mostSessions,
        modelBytes: model.sizeMb * 1e6,
      })),
  );
}
