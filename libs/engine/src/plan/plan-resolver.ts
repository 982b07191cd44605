import type {
  AppliedProfile,
  Artifact,
  EmbeddingBackend,
  HardwareInventory,
  HardwareSelector,
  Model,
  Precision,
  QuantizationScheme,
  RankedChoice,
  Ranking,
  Tokenizer,
  VectorStep,
} from '../contracts';
import {
  BackendFailingError,
  BackendUnavailableError,
  EngineError,
  errorMessage,
  InvalidDimensionsError,
  ModelNotAvailableError,
  MAX_DIMENSIONS,
  MIN_DIMENSIONS,
  type Rejection,
} from '../errors';
import type { ModelRegistry } from '../models/model-registry';
import type { GroupRef } from '../pipeline/session-groups';
import type { StrategyRegistry } from '../plugins/strategy-registry';
import { candidatesFor } from './candidates';
import { chooseModel } from './choose-model';
import type { ModelNames } from './model-names';
import type { DimensionStrategy, Plan, PlanRequest } from './plan';
import { DEFAULT_PRESET, presetForModel, PRESETS } from './presets';
import { prepareSteps } from './prepare-steps';
import { withTuning, type Tuning } from './tuning';

/** Opens what a plan runs on; the same arguments give the same group. */
export interface Opener {
  tokenizer(model: Model, backend: EmbeddingBackend): Promise<Tokenizer>;
  group(backend: EmbeddingBackend, model: Model, artifact: Artifact, choice: RankedChoice): Promise<GroupRef>;
}

const MOST_PLANS = 1_000;

/** What a request would be tried on. */
export interface Outlook {
  readonly preset: string | undefined;
  readonly model: Model;
  readonly artifacts: readonly Artifact[];
  readonly quantization: QuantizationScheme;
  readonly ranking: Ranking;
  readonly notes: readonly string[];
}

/** Request to plan, memoised; every choice with its reason. */
export class PlanResolver {
  private readonly plans = new Map<string, Plan>();
  private readonly pending = new Map<string, Promise<Plan>>();
  /** Counts the calls of clear(), so that a plan begun before one is not kept after it. */
  private generation = 0;

  constructor(
    private readonly registry: StrategyRegistry,
    private readonly models: ModelRegistry,
    private readonly names: Pick<ModelNames, 'target'>,
    private readonly inventory: HardwareInventory,
    private readonly selector: HardwareSelector,
    private readonly opener: Opener,
    private readonly tuning: Tuning = {},
  ) {}

  /**
   * The plan of a request; at once when it is known.
   * @throws InvalidDimensionsError, ModelNotFoundError, ModelNotAvailableError, BackendUnavailableError
   */
  resolve(request: PlanRequest): Plan | Promise<Plan> {
    const key = requestKey(request);
    const known = this.plans.get(key);
    if (known) return known;
    let pending = this.pending.get(key);
    if (!pending) {
      const { generation } = this;
      pending = this.build(request).then((plan) => {
        if (generation === this.generation) this.remember(key, plan);
        return plan;
      });
      this.pending.set(key, pending);
      const mine = pending;
      const forget = () => void (this.pending.get(key) === mine && this.pending.delete(key));
      pending.then(forget, forget);
    }
    return pending;
  }

  /** Requests choose their own keys, so that what is remembered needs a bound. */
  private remember(key: string, plan: Plan): void {
    this.plans.set(key, plan);
    const [oldest] = this.plans.keys();
    if (this.plans.size > MOST_PLANS && oldest !== undefined) this.plans.delete(oldest);
  }

  /** Forgets every plan, e.g. when the set of models or sessions has changed. */
  clear(): void {
    this.generation++;
    this.plans.clear();
    this.pending.clear();
  }

  /**
   * What a request would be tried on, best first, without opening anything.
   * @throws InvalidDimensionsError, ModelNotFoundError, ModelNotAvailableError
   */
  async outlook(request: PlanRequest): Promise<Outlook> {
    checkDimensions(request.dimensions);
    const name = this.names.target(request.model ?? DEFAULT_PRESET);
    const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
    const { model: modelId, precisions, quantization } = preset ?? presetForModel(name);
    const profile = request.hardwareProfile ?? 'auto';
    const chosen =
      modelId === undefined
        ? chooseModel(await this.models.ready(), request.dimensions, this.profileOf(request))
        : { model: await this.locate(modelId, preset && name), note: undefined };
    const fitting = chosen.model.artifacts.filter(({ precision }) => precisions.includes(precision));
    // A model asked for by its id runs in fp32 where it has that; one that was only made in int8 is exact in int8.
    const artifacts = fitting.length > 0 || preset ? fitting : chosen.model.artifacts;
    const wishes = { fp16: request.useFp16 };
    const ranking = this.selector.rank(
      this.inventory,
      profile,
      candidatesFor(chosen.model, artifacts, this.registry),
      wishes,
    );
    // A named profile states its own options; what was tuned holds for the machine as it is.
    const tuning = (request.hardwareProfile ?? 'auto') === 'auto' ? this.tuning : {};
    return {
      preset: preset && name,
      model: chosen.model,
      artifacts,
      quantization: request.quantization ?? quantization,
      ranking: { ...ranking, choices: ranking.choices.map((choice) => tuned(choice, artifacts, tuning)) },
      notes: chosen.note === undefined ? [] : [chosen.note],
    };
  }

  /** What the profile of a request comes to on this machine. */
  private profileOf({ hardwareProfile = 'auto' }: PlanRequest): AppliedProfile {
    return this.selector.rank(this.inventory, hardwareProfile, []).profile;
  }

  /** The plan of a request where it has been made already. */
  known(request: PlanRequest): Plan | undefined {
    return this.plans.get(requestKey(request));
  }

  private async build(request: PlanRequest): Promise<Plan> {
    const outlook = await this.outlook(request);
    const { model, preset, ranking, quantization: scheme } = outlook;
    const notes = [...outlook.notes];
    const normalize = request.normalize ?? true;
    const dimensions = request.dimensions ?? model.dimensions;
    const steps = await prepareSteps(this.registry, {
      model,
      from: model.dimensions,
      to: dimensions,
      scheme,
      normalize,
    });
    const { choice, artifact, group, tokenizer, rejected } = await this.openFirst(outlook);
    const limits = this.registry.get('backend', choice.backend)?.notes?.(choice.options);
    if (model.probes.length === 0) {
      notes.push(
        `model ${model.id} has no reference vectors: its sessions were checked for sound and repeatable vectors only`,
      );
    }
    notes.push(...ranking.notes, ...(choice.notes ?? []), ...(limits ?? []));
    if (request.useFp16 === true && artifact.precision !== 'fp16' && choice.options.fp16 !== true) {
      notes.push(`use_fp16 has no effect: ${choice.backend} computes this artifact in ${artifact.precision}`);
    }
    return Object.freeze({
      key: [
        artifact.sha256,
        artifact.precision,
        choice.options.fp16 === true,
        choice.backend,
        dimensions,
        normalize,
        ...steps.map(({ method }) => method),
      ].join('|'),
      preset,
      model,
      artifact,
      backend: choice.backend,
      options: choice.options,
      profile: ranking.profile,
      tokenizer,
      group,
      dimensions,
      dimensionStrategy: strategyOf(model.dimensions, dimensions),
      quantization: scheme,
      normalize,
      steps: Object.freeze(steps) satisfies readonly VectorStep[],
      notes: Object.freeze(notes),
      reason: choice.reason,
      rejected: Object.freeze(rejected),
    });
  }

  /** A preset names a model that is known to exist: one that is not here is not available, rather than not found. */
  private async locate(modelId: string, preset: string | undefined): Promise<Model> {
    try {
      return await this.models.locate(modelId);
    } catch (error) {
      if (preset === undefined || !(EngineError.is(error) && error.code === 'MODEL_NOT_FOUND')) throw error;
      throw new ModelNotAvailableError(
        `Preset "${preset}" stands for model "${modelId}", which is not on this server; use another preset or a model that GET /v1/models lists`,
        { field: 'model', preset, model: modelId },
      );
    }
  }

  /** Goes down the ranking until one opens; what did not is kept with its reason. */
  private async openFirst({ model, artifacts, ranking }: Outlook) {
    const rejected: Rejection[] = [...ranking.rejected];
    let failing: { precision: Precision; retryAfterMs: number | undefined } | undefined;
    for (const choice of ranking.choices) {
      const artifact = artifacts.find(({ id }) => id === choice.artifact);
      if (!artifact) continue;
      const reject = (reason: string) => rejected.push({ id: `${choice.backend}/${artifact.id}`, reason });
      // Vectors must compare with those that were given before it began to fail.
      if (failing && artifact.precision !== failing.precision) {
        reject(`it computes in ${artifact.precision}; what takes over must compute in ${failing.precision}`);
        continue;
      }
      const backend = this.registry.get('backend', choice.backend);
      if (!backend) continue;
      // Read while the sessions open in their threads.
      const reading = this.opener.tokenizer(model, backend);
      reading.catch(() => undefined);
      try {
        const available = await backend.probe(this.inventory, artifact);
        if (available.available) {
          const group = await this.opener.group(backend, model, artifact, choice);
          return { choice, artifact, tokenizer: await reading, group, rejected };
        }
        reject(available.reason);
      } catch (error) {
        // A tokenizer that cannot be read fails the model, not this backend.
        await reading;
        reject(errorMessage(error));
        if (error instanceof BackendFailingError) {
          failing ??= { precision: artifact.precision, retryAfterMs: error.retryAfterMs };
        }
      }
    }
    if (failing) throw new BackendFailingError(failing.retryAfterMs ?? 0, rejected);
    throw new BackendUnavailableError(
      `Nothing on this machine can run model "${model.id}" as asked: ${
        rejected.map(({ id, reason }) => `${id}: ${reason}`).join('; ') || 'no backend accepts any of its artifacts'
      }`,
      rejected,
    );
  }
}

function requestKey({ model, dimensions, quantization, useFp16, hardwareProfile, normalize }: PlanRequest): string {
  return `${model ?? ''}|${dimensions ?? ''}|${quantization ?? ''}|${useFp16 ?? ''}|${hardwareProfile ?? ''}|${normalize ?? ''}`;
}

function checkDimensions(dimensions: number | undefined): void {
  if (dimensions === undefined) return;
  if (!Number.isInteger(dimensions) || dimensions < MIN_DIMENSIONS || dimensions > MAX_DIMENSIONS) {
    throw new InvalidDimensionsError(dimensions);
  }
}

function strategyOf(native: number, dimensions: number): DimensionStrategy {
  if (dimensions === native) return 'native';
  return dimensions < native ? 'reduced' : 'expanded';
}

function tuned(choice: RankedChoice, artifacts: readonly Artifact[], tuning: Tuning): RankedChoice {
  const artifact = artifacts.find(({ id }) => id === choice.artifact);
  return artifact ? withTuning(choice, artifact, tuning) : choice;
}
