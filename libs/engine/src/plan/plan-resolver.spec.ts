import {
  AVAILABLE,
  unavailable,
  type Candidate,
  type EmbeddingBackend,
  type HardwareSelector,
  type Model,
  type ModelSource,
} from '../contracts';
import { BackendFailingError, EngineError, ModelNotFoundError } from '../errors';
import { mergeReports } from '../hardware/take-inventory';
import { ModelRegistry } from '../models/model-registry';
import { StrategyRegistry } from '../plugins/strategy-registry';
import { sampleArtifact } from '../testing/sample-artifact';
import { sampleModel } from '../testing/sample-model';
import type { Plan, PlanRequest } from './plan';
import { PlanResolver, type Opener } from './plan-resolver';

const efficient = sampleModel({
  id: 'all-MiniLM-L6-v2',
  probes: [{ text: 'x', vector: new Float32Array(384) }],
  artifacts: [
    sampleArtifact({ modelId: 'all-MiniLM-L6-v2', sha256: 'f' }),
    sampleArtifact({ modelId: 'all-MiniLM-L6-v2', id: 'int8', precision: 'int8', sha256: 'i' }),
  ],
});
const onlyInt8 = sampleModel({ id: 'only-int8', artifacts: [sampleArtifact({ id: 'int8', precision: 'int8' })] });

const backend = (id: string, priority: number, more: Partial<EmbeddingBackend> = {}): EmbeddingBackend => ({
  id,
  device: 'cpu',
  priority,
  accepts: () => AVAILABLE,
  probe: () => AVAILABLE,
  open: () => Promise.reject(new Error('the opener opens')),
  ...more,
});

/** By priority, then artifacts as they come; says what it was asked. */
class Selector implements HardwareSelector {
  readonly asked: { profile: string; fp16: boolean | undefined; candidates: number }[] = [];

  rank(...[, profile, candidates, wishes]: Parameters<HardwareSelector['rank']>) {
    this.asked.push({ profile, fp16: wishes?.fp16, candidates: candidates.length });
    const [taken, left] = [candidates.filter(isRanked), candidates.filter((candidate) => !isRanked(candidate))];
    return {
      profile: profile === 'auto' ? ('low' as const) : profile,
      choices: [...taken]
        .sort((a, b) => b.priority - a.priority)
        .map(({ backend: id, artifact }) => ({
          backend: id,
          artifact,
          options: { sessions: 1, threads: 1 },
          reason: `${id} comes first`,
          notes: id === 'noted' ? ['noted by its choice'] : [],
        })),
      rejected: left.map(({ backend: id, artifact }) => ({ id: `${id}/${artifact}`, reason: 'not on this machine' })),
      notes: ['noted by the ranking'],
    };
  }
}
const isRanked = ({ backend: id }: Candidate) => id !== 'unranked';

interface Setup {
  readonly backends: readonly EmbeddingBackend[];
  readonly models?: readonly Model[];
  readonly fails?: Readonly<Record<string, string | Error>>;
}

function setUp({ backends, models = [efficient, onlyInt8], fails = {} }: Setup) {
  const registry = new StrategyRegistry();
  for (const one of backends) registry.add('backend', one, 'p');
  const source: ModelSource = {
    id: 'test',
    list: () => Promise.resolve([]),
    locate: (id) => Promise.resolve(models.find((model) => model.id === id)),
  };
  registry.add('source', source, 'p');
  registry.add(
    'processor',
    {
      id: 'int8',
      stage: 'quantize',
      accepts: () => AVAILABLE,
      prepare: () => ({ method: 'int8', apply: (v: unknown) => v }),
    },
    'p',
  );
  const opened: string[] = [];
  const opener = {
    tokenizer: () => Promise.resolve({}),
    group: (one: EmbeddingBackend, _model: Model, artifact: { id: string }) => {
      opened.push(`${one.id}/${artifact.id}`);
      const reason = fails[one.id];
      return reason === undefined
        ? Promise.resolve({ of: one.id })
        : Promise.reject(typeof reason === 'string' ? new Error(reason) : reason);
    },
  } as unknown as Opener;
  const selector = new Selector();
  const names = { target: (name: string) => (name === 'their-name' ? 'efficient' : name) };
  const plans = new PlanResolver(registry, new ModelRegistry(registry), names, mergeReports([]), selector, opener);
  return { plans, opened, selector };
}
const refusal = async (plans: PlanResolver, request: PlanRequest): Promise<EngineError> => {
  const error: unknown = await Promise.resolve(plans.resolve(request)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(EngineError.is(error)).toBe(true);
  return error as EngineError;
};
const cpu = backend('cpu', 10);

describe('what a request comes to', () => {
  it.each<[string, PlanRequest, Partial<Plan>]>([
    ['nothing said', {}, { preset: 'efficient', quantization: 'int8', dimensions: 384, normalize: true }],
    ['a preset', { model: 'efficient' }, { preset: 'efficient', profile: 'low', dimensionStrategy: 'native' }],
    ['a model id', { model: 'all-MiniLM-L6-v2' }, { preset: undefined, quantization: 'none' }],
    ['its own quantization', { quantization: 'none' }, { preset: 'efficient', quantization: 'none' }],
    ['a profile', { hardwareProfile: 'server' }, { profile: 'server' }],
    ['unscaled vectors', { normalize: false }, { normalize: false }],
  ])('%s', async (_, request, expected) => {
    const { plans } = setUp({ backends: [cpu] });
    expect(await plans.resolve(request)).toMatchObject({ backend: 'cpu', ...expected });
  });

  it.each([
    ['a model id in fp32', 'all-MiniLM-L6-v2', 'fp32'],
    ['one that exists only in int8 as it is', 'only-int8', 'int8'],
  ])('runs %s', async (_, model, artifact) => {
    const { plans, selector } = setUp({ backends: [cpu] });
    expect((await plans.resolve({ model })).artifact.id).toBe(artifact);
    expect(selector.asked).toEqual([{ profile: 'auto', fp16: undefined, candidates: 1 }]);
  });

  it('hands wishes to the selector, and collects every note', async () => {
    const noted = backend('noted', 20, { notes: () => ['noted by the backend'] });
    const { plans, selector } = setUp({ backends: [noted] });
    const { notes } = await plans.resolve({ useFp16: true, hardwareProfile: 'h100' });
    expect(selector.asked).toEqual([{ profile: 'h100', fp16: true, candidates: 2 }]);
    expect(notes).toEqual([
      'noted by the ranking',
      'noted by its choice',
      'noted by the backend',
      expect.stringContaining('use_fp16 has no effect'),
    ]);
  });

  it('notes that sessions of a model without reference vectors were not compared with any', async () => {
    const { plans } = setUp({ backends: [cpu] });
    expect((await plans.resolve({ model: 'only-int8' })).notes[0]).toMatch(/only-int8 has no reference vectors/);
    expect((await plans.resolve({})).notes.join()).not.toMatch(/reference/);
  });

  it('gives keys that differ where vectors do, and only there', async () => {
    const { plans } = setUp({ backends: [cpu] });
    const key = async (request: PlanRequest) => (await plans.resolve(request)).key;
    expect(await key({ model: 'efficient' })).toBe(await key({ hardwareProfile: 'server' }));
    expect(await key({ quantization: 'none' })).toBe(await key({ model: 'all-MiniLM-L6-v2' }));
    const different = [{}, { normalize: false }, { quantization: 'none' }, { model: 'only-int8' }] as const;
    expect(new Set(await Promise.all(different.map(key))).size).toBe(different.length);
  });
});

describe('down the ranking', () => {
  it.each<[string, EmbeddingBackend, Setup['fails'], string]>([
    ['says it is not available', backend('first', 90, { probe: () => unavailable('no card') }), {}, 'no card'],
    ['throws when it is asked', backend('first', 90, { probe: () => Promise.reject(new Error('a bug')) }), {}, 'a bug'],
    ['does not open', backend('first', 90), { first: 'the self-check failed' }, 'the self-check failed'],
  ])('the next serves where the first %s, and the reason is kept', async (_, first, fails, reason) => {
    const { plans } = setUp({ backends: [cpu, first], fails: fails ?? {} });
    const plan = await plans.resolve({ model: 'all-MiniLM-L6-v2' });
    expect(plan.backend).toBe('cpu');
    expect(plan.rejected).toEqual([{ id: 'first/fp32', reason }]);
  });

  it('opens nothing behind the first that does', async () => {
    const { plans, opened } = setUp({ backends: [cpu, backend('first', 90)] });
    const plan = await plans.resolve({ model: 'all-MiniLM-L6-v2' });
    expect(plan).toMatchObject({ backend: 'first', reason: 'first comes first', rejected: [] });
    expect(opened).toEqual(['first/fp32']);
  });

  it('ends in an error that lists all that was tried, and why each failed', async () => {
    const away = backend('away', 50, { probe: () => unavailable('no card') });
    const { plans } = setUp({ backends: [cpu, away, backend('unranked', 0)], fails: { cpu: 'out of memory' } });
    const error = await refusal(plans, { model: 'all-MiniLM-L6-v2' });
    expect(error.code).toBe('BACKEND_UNAVAILABLE');
    expect(error.details).toEqual({
      tried: [
        { id: 'unranked/fp32', reason: 'not on this machine' },
        { id: 'away/fp32', reason: 'no card' },
        { id: 'cpu/fp32', reason: 'out of memory' },
      ],
    });
    for (const part of ['all-MiniLM-L6-v2', 'no card', 'out of memory']) expect(error.message).toContain(part);
  });

  describe('where the first keeps failing', () => {
    const fails = { first: new BackendFailingError(4_000) };
    const accepts = (precision: string) => (artifact: { precision: string }) =>
      artifact.precision === precision ? AVAILABLE : unavailable('another precision');
    const first = backend('first', 90, { accepts: accepts('int8') });

    it('the next that computes in the same precision takes over, and none between', async () => {
      const between = backend('between', 50, { accepts: accepts('fp32') });
      const { plans, opened } = setUp({ backends: [cpu, between, first], fails });
      const plan = await plans.resolve({});
      expect([plan.backend, plan.artifact.precision]).toEqual(['cpu', 'int8']);
      expect(opened).toEqual(['first/int8', 'cpu/int8']);
      expect(plan.rejected.map(({ id }) => id)).toEqual(expect.arrayContaining(['first/int8', 'between/fp32']));
    });

    it('it is refused by name, with a time to come back, where none does', async () => {
      const { plans } = setUp({ backends: [backend('fp32', 10, { accepts: accepts('fp32') }), first], fails });
      const error = await refusal(plans, {});
      expect([error.code, error.retryAfterMs]).toEqual(['BACKEND_UNAVAILABLE', 4_000]);
      expect(error.details?.['tried']).toEqual([
        { id: 'first/int8', reason: expect.stringContaining('keeps failing') as string },
        { id: 'fp32/fp32', reason: 'it computes in fp32; what takes over must compute in int8' },
      ]);
    });
  });

  it('says so where no backend understands the model', async () => {
    const { plans } = setUp({ backends: [] });
    expect((await refusal(plans, {})).message).toContain('no backend accepts any of its artifacts');
  });
});

describe('what cannot be planned', () => {
  it.each<[string, PlanRequest, string, RegExp]>([
    ['a model nobody knows', { model: 'nobody' }, 'MODEL_NOT_FOUND', /"nobody" is not known/],
    ['a preset whose model is not here', { model: 'high-quality' }, 'MODEL_NOT_AVAILABLE', /Preset "high-quality"/],
    ['a name that every object has', { model: 'constructor' }, 'MODEL_NOT_FOUND', /"constructor" is not known/],
    ['a length below 64', { dimensions: 63 }, 'INVALID_DIMENSIONS', /between 64 and 4096/],
    ['a length above 4096', { dimensions: 4097 }, 'INVALID_DIMENSIONS', /between 64 and 4096/],
    ['half a dimension', { dimensions: 100.5 }, 'INVALID_DIMENSIONS', /integer/],
    ['a length that no processor makes', { dimensions: 128 }, 'INVALID_DIMENSIONS', /cannot be reduced to 128/],
  ])('%s', async (_, request, code, message) => {
    const error = await refusal(setUp({ backends: [cpu] }).plans, request);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('knows an error of another copy of the engine by its mark', async () => {
    const { plans } = setUp({ backends: [cpu], models: [] });
    const foreign = new EngineError('MODEL_NOT_FOUND', 'from elsewhere');
    jest.spyOn(ModelRegistry.prototype, 'locate').mockRejectedValueOnce(foreign);
    expect(foreign).not.toBeInstanceOf(ModelNotFoundError);
    expect((await refusal(plans, { model: 'efficient' })).code).toBe('MODEL_NOT_AVAILABLE');
  });
});

describe('the memory of the resolver', () => {
  it('gives a known request its plan at once, however the request is written', async () => {
    const { plans, opened } = setUp({ backends: [cpu] });
    const plan = await plans.resolve({ model: 'efficient', dimensions: undefined });
    expect(plans.resolve({ model: 'efficient' })).toBe(plan);
    expect(plans.known({ model: 'efficient' })).toBe(plan);
    expect(plans.known({ model: 'efficient', normalize: false })).toBeUndefined();
    expect(opened).toHaveLength(1);
  });

  it('makes one plan for equal requests at the same time', async () => {
    const { plans, opened } = setUp({ backends: [cpu] });
    const [first, second] = await Promise.all([plans.resolve({}), plans.resolve({})]);
    expect(first).toBe(second);
    expect(opened).toHaveLength(1);
  });

  it('does not remember a failure', async () => {
    const fails: Record<string, string> = { cpu: 'busy' };
    const { plans } = setUp({ backends: [cpu], fails });
    await refusal(plans, {});
    delete fails['cpu'];
    expect((await plans.resolve({})).backend).toBe('cpu');
  });

  it('forgets when it is told to, plans under way included', async () => {
    const { plans, opened } = setUp({ backends: [cpu] });
    const underway = plans.resolve({});
    plans.clear();
    await underway;
    expect(plans.known({})).toBeUndefined();
    await plans.resolve({});
    plans.clear();
    await plans.resolve({});
    expect(opened).toHaveLength(3);
  });

  it('holds a bounded number of plans, oldest out first', async () => {
    const models = Array.from({ length: 1001 }, (_, i) =>
      sampleModel({ id: `m${i}`, artifacts: [sampleArtifact({ modelId: `m${i}` })] }),
    );
    const { plans } = setUp({ backends: [cpu], models });
    for (const { id } of models) await plans.resolve({ model: id });
    expect(plans.known({ model: 'm0' })).toBeUndefined();
    expect(plans.known({ model: 'm1' })).toBeDefined();
    expect(plans.known({ model: 'm1000' })).toBeDefined();
  });
});
