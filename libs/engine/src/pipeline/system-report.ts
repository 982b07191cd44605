import type { HardwareInventory, SessionOptions } from '../contracts';
import { EngineError, errorMessage, type Rejection } from '../errors';
import { PRESETS } from '../plan/presets';
import { STRATEGY_KINDS, type PluginOptions, type StrategyKind } from '../plugins/decorators';
import type { StrategyRegistry } from '../plugins/strategy-registry';
import { ENGINE_VERSION } from '../version';
import type { PlanResolver } from '../plan/plan-resolver';
import type { GroupOutage } from './session-groups';

export interface StrategyReport {
  readonly id: string;
  readonly plugin: string;
  readonly priority: number;
}

interface Choice {
  readonly backend: string;
  readonly artifact: string;
  readonly options: SessionOptions;
  readonly reason: string;
}

export interface PresetReport {
  readonly preset: string;
  readonly model?: string;
  readonly profile?: string;
  /** What runs; absent until the first request of this preset. */
  readonly running?: Choice & { readonly precision: string };
  /** What would be tried, best first. */
  readonly ranked: readonly Choice[];
  /** What cannot run or did not open, and why. */
  readonly rejected: readonly Rejection[];
  readonly notes: readonly string[];
  /** Why the preset cannot be served at all. */
  readonly error?: { readonly code: string; readonly message: string };
}

/** What an operator asks first: what is here, what runs on it, and why. */
export interface SystemReport {
  readonly engine: string;
  readonly inventory: HardwareInventory;
  readonly plugins: readonly PluginOptions[];
  readonly strategies: Readonly<Record<StrategyKind, readonly StrategyReport[]>>;
  readonly presets: readonly PresetReport[];
  /** Backends that keep failing and are left alone for now. */
  readonly outages: readonly GroupOutage[];
}

export async function reportSystem(
  inventory: HardwareInventory,
  plugins: readonly PluginOptions[],
  registry: StrategyRegistry,
  plans: PlanResolver,
  outages: readonly GroupOutage[],
): Promise<SystemReport> {
  const strategies = STRATEGY_KINDS.map((kind) => [
    kind,
    registry.list(kind).map(({ strategy, plugin }) => ({ id: strategy.id, plugin, priority: strategy.priority ?? 0 })),
  ]);
  return {
    engine: ENGINE_VERSION,
    inventory,
    plugins,
    strategies: Object.fromEntries(strategies) as SystemReport['strategies'],
    presets: await Promise.all(Object.keys(PRESETS).map((preset) => reportPreset(preset, plans))),
    outages,
  };
}

async function reportPreset(preset: string, plans: PlanResolver): Promise<PresetReport> {
  try {
    const { model, ranking, notes } = await plans.outlook({ model: preset });
    const plan = plans.known({ model: preset });
    return {
      preset,
      model: model.id,
      profile: ranking.profile,
      ...(plan && {
        running: {
          backend: plan.backend,
          artifact: plan.artifact.id,
          precision: plan.artifact.precision,
          options: plan.options,
          reason: plan.reason,
        },
      }),
      ranked: ranking.choices.map(({ backend, artifact, options, reason }) => ({ backend, artifact, options, reason })),
      rejected: plan?.rejected ?? ranking.rejected,
      notes: plan?.notes ?? [...notes, ...ranking.notes],
    };
  } catch (error) {
    const code = EngineError.is(error) ? error.code : 'INTERNAL';
    return { preset, ranked: [], rejected: [], notes: [], error: { code, message: errorMessage(error) } };
  }
}
