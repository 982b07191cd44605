import { AVAILABLE, unavailable, type Artifact, type EmbeddingBackend } from '../contracts';
import { StrategyRegistry } from '../plugins/strategy-registry';
import { sampleArtifact } from '../testing/sample-artifact';
import { sampleModel } from '../testing/sample-model';
import { candidatesFor } from './candidates';

const backend = (id: string, takes: (artifact: Artifact) => boolean, more: Partial<EmbeddingBackend> = {}) => ({
  id,
  device: 'cpu',
  accepts: (artifact: Artifact) => (takes(artifact) ? AVAILABLE : unavailable('not mine')),
  probe: () => AVAILABLE,
  open: () => Promise.reject(new Error('not opened in this test')),
  ...more,
});

describe('candidatesFor', () => {
  const fp32 = sampleArtifact();
  const int8 = sampleArtifact({ id: 'int8', precision: 'int8', requires: ['int8_dot'] });
  const model = sampleModel({ artifacts: [fp32, int8], sizeMb: 46.7 });
  const registry = new StrategyRegistry();
  registry.add(
    'backend',
    backend('all', () => true, { priority: 10, profiles: ['h100'], mostSessions: 1 }),
    'p',
  );
  registry.add(
    'backend',
    backend('exact', ({ precision }) => precision === 'fp32', { device: 'remote' }),
    'p',
  );
  registry.add(
    'backend',
    backend('none', () => false, { priority: 99 }),
    'p',
  );
  const pairs = (artifacts: readonly Artifact[]) =>
    candidatesFor(model, artifacts, registry).map(({ backend: id, artifact }) => `${id}/${artifact}`);

  it.each([
    ['every artifact with every backend that accepts it', [fp32, int8], ['all/fp32', 'exact/fp32', 'all/int8']],
    ['only artifacts that are asked for', [int8], ['all/int8']],
    ['nothing of nothing', [], []],
  ])('pairs %s', (_, artifacts, expected) => {
    expect(pairs(artifacts)).toEqual(expected);
  });

  it('tells the selector all that a ranking rests on', () => {
    expect(candidatesFor(model, [int8], registry)).toEqual([
      {
        backend: 'all',
        device: 'cpu',
        priority: 10,
        profiles: ['h100'],
        artifact: 'int8',
        precision: 'int8',
        requires: ['int8_dot'],
        mostSessions: 1,
        modelBytes: 46.7e6,
      },
    ]);
    // No priority is 0.
    expect(candidatesFor(model, [fp32], registry)[1]).toMatchObject({
      backend: 'exact',
      device: 'remote',
      priority: 0,
    });
  });
});
