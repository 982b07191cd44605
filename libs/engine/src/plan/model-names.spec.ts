import type { ModelEntry } from '../contracts';
import { ModelRegistry } from '../models/model-registry';
import { StrategyRegistry } from '../plugins/strategy-registry';
import { ModelNames } from './model-names';

const entry = (id: string, state: ModelEntry['state'], ...aliases: string[]) =>
  ({ id, state, aliases }) as unknown as ModelEntry;

function namesOf(aliases: Record<string, string>): ModelNames {
  const registry = new StrategyRegistry();
  const source = (id: string, ...entries: ModelEntry[]) =>
    registry.add('source', { id, list: async () => entries, locate: async () => undefined }, 'p');
  source('folder', entry('all-MiniLM-L6-v2', 'ready'));
  source(
    'hub',
    entry('all-MiniLM-L6-v2', 'available', 'org/MiniLM'),
    entry('all-mpnet-base-v2', 'available', 'org/mpnet'),
  );
  return new ModelNames(new ModelRegistry(registry), async () => 'all-MiniLM-L6-v2', aliases);
}

describe('ModelNames', () => {
  const names = namesOf({ theirs: 'efficient', big: 'all-mpnet-base-v2', gone: 'nobody' });

  it.each([
    ['efficient', 'all-MiniLM-L6-v2'],
    ['custom', 'all-MiniLM-L6-v2'],
    ['theirs', 'all-MiniLM-L6-v2'],
    ['org/MiniLM', 'all-MiniLM-L6-v2'],
    ['big', 'all-mpnet-base-v2'],
    ['org/mpnet', 'all-mpnet-base-v2'],
  ])('%s stands for %s', async (name, id) => {
    expect((await names.entry(name)).id).toBe(id);
  });

  it('lists what can be served now, and nothing else', async () => {
    expect((await names.list()).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'preset efficient',
      'preset custom',
      'model all-MiniLM-L6-v2',
      'alias theirs',
    ]);
  });

  it('names everything there is for a name that nobody knows, and how to serve it', async () => {
    await expect(names.entry('text-embedding-3-small')).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringMatching(
        /efficient, .*all-mpnet-base-v2\. .*SUTRA_ALIASES=text-embedding-3-small=efficient/,
      ) as string,
    });
    await expect(names.entry('gone')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND', details: { model: 'nobody' } });
    await expect(names.entry('toString')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });
});
