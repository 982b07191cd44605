import { AVAILABLE, unavailable, type ProcessorStage, type ProcessorTask, type VectorProcessor } from '../contracts';
import { StrategyRegistry } from '../plugins/strategy-registry';
import { sampleModel } from '../testing/sample-model';
import { prepareSteps } from './prepare-steps';

const seen: [string, ProcessorTask][] = [];
const processor = (id: string, stage: ProcessorStage, priority: number, refusal?: string): VectorProcessor => ({
  id,
  stage,
  priority,
  accepts: () => (refusal === undefined ? AVAILABLE : unavailable(refusal)),
  prepare: (task) => {
    seen.push([id, task]);
    return { method: id, apply: (vectors) => vectors };
  },
});

const ALL = [
  processor('cut', 'reduce', 10),
  processor('pca', 'reduce', 50),
  processor('picky', 'reduce', 90, 'it never wants to'),
  processor('hadamard', 'expand', 50),
  processor('int8', 'quantize', 50),
];
const registryOf = (processors: readonly VectorProcessor[]) => {
  const registry = new StrategyRegistry();
  for (const one of processors) registry.add('processor', one, 'p');
  return registry;
};
const task = (to: number, scheme: ProcessorTask['scheme'] = 'none'): ProcessorTask => ({
  model: sampleModel(),
  from: 384,
  to,
  scheme,
  normalize: true,
});

describe('prepareSteps', () => {
  beforeEach(() => void seen.splice(0));

  it.each<[string, ProcessorTask, string[]]>([
    ['nothing for the native length, uncoded', task(384), []],
    ['the best that accepts, to reduce', task(128), ['pca']],
    ['one that expands', task(1024), ['hadamard']],
    ['one that codes', task(384, 'int8'), ['int8']],
    ['both, coding last', task(128, 'int8'), ['pca', 'int8']],
    ['both, coding last', task(1024, 'int8'), ['hadamard', 'int8']],
  ])('takes %s', async (_, given, expected) => {
    expect((await prepareSteps(registryOf(ALL), given)).map(({ method }) => method)).toEqual(expected);
  });

  it('tells the coder the length that it gets', async () => {
    await prepareSteps(registryOf(ALL), task(128, 'int8'));
    expect(seen.map(([id, { from, to }]) => [id, from, to])).toEqual([
      ['pca', 384, 128],
      ['int8', 128, 128],
    ]);
  });

  it.each<[string, ProcessorTask, VectorProcessor[], string, RegExp]>([
    [
      'a reduction that all refuse, with each reason',
      task(128),
      [processor('a', 'reduce', 2, 'no rotation'), processor('b', 'reduce', 1, 'too short')],
      'INVALID_DIMENSIONS',
      /"sample" gives 384 dimensions and cannot be reduced to 128: a: no rotation; b: too short/,
    ],
    ['an expansion without a processor', task(1024), [], 'INVALID_DIMENSIONS', /expanded to 1024: no processor for it/],
    [
      'a scheme that nobody codes',
      task(384, 'binary'),
      [processor('int8', 'quantize', 1, 'it codes int8, not binary')],
      'INVALID_ARGUMENT',
      /Quantization "binary" cannot be applied: int8: it codes int8, not binary/,
    ],
  ])('refuses %s', async (_, given, processors, code, message) => {
    await expect(prepareSteps(registryOf(processors), given)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});
