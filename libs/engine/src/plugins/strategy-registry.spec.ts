import { AVAILABLE, type EmbeddingBackend } from '../contracts';
import { PluginError } from '../errors';
import type { StrategyKind } from './decorators';
import { StrategyRegistry } from './strategy-registry';

const backend = (id: string, more: Partial<EmbeddingBackend> = {}): EmbeddingBackend => ({
  id,
  device: 'cpu',
  accepts: () => AVAILABLE,
  probe: () => AVAILABLE,
  open: () => Promise.reject(new Error('not opened in this test')),
  ...more,
});
const ids = (registry: StrategyRegistry) => registry.list('backend').map(({ strategy }) => strategy.id);
const never = () => new Promise<void>(() => {});

describe('the order of strategies', () => {
  it.each([
    ['highest priority first', [backend('low', { priority: 1 }), backend('high', { priority: 9 })], ['high', 'low']],
    ['none counts as 0', [backend('none'), backend('below', { priority: -1 })], ['none', 'below']],
    ['equal priorities by id', [backend('b'), backend('a'), backend('c')], ['a', 'b', 'c']],
  ])('%s, whoever was loaded first', (_, given, expected) => {
    for (const order of [given, [...given].reverse()]) {
      const registry = new StrategyRegistry();
      for (const strategy of order) registry.add('backend', strategy, 'p');
      expect(ids(registry)).toEqual(expected);
    }
  });

  it('finds one by its id, each kind apart', () => {
    const registry = new StrategyRegistry();
    const one = backend('same');
    registry.add('backend', one, 'p');
    registry.add('probe', { id: 'same', probe: () => Promise.resolve({ reason: 'none' }) }, 'p');
    expect(registry.get('backend', 'same')).toBe(one);
    expect(registry.get('backend', 'other')).toBeUndefined();
    expect(registry.list('source')).toEqual([]);
  });
});

describe('a strategy is refused, with the name of its plugin,', () => {
  it.each<[string, StrategyKind, unknown, RegExp]>([
    ['that is nothing', 'backend', undefined, /backend undefined has no id/],
    ['without an id', 'backend', { ...backend('x'), id: '' }, /has no id; give it a non-empty string/],
    ['with an id that is no text', 'backend', { ...backend('x'), id: 7 }, /has no id/],
    ['without methods', 'backend', { id: 'x' }, /"x" \(Object\) lacks accepts\(\), probe\(\), open\(\)/],
    ['a processor without prepare', 'processor', { id: 'x', accepts: () => AVAILABLE }, /lacks prepare\(\)/],
    ['a probe without probe', 'probe', { id: 'x' }, /lacks probe\(\)/],
    ['a source without locate', 'source', { id: 'x', list: () => [] }, /lacks locate\(\)/],
    ['a cache without set', 'cache', { id: 'x', get: () => undefined }, /lacks set\(\)/],
    ['an indicator without check', 'indicator', { id: 'x' }, /lacks check\(\)/],
    ['gRPC services without any', 'grpc', { id: 'x' }, /lacks services\(\)/],
    ['whose priority is no number', 'backend', { ...backend('x'), priority: NaN }, /priority that is not a number/],
  ])('%s', (_, kind, strategy, message) => {
    const registry = new StrategyRegistry();
    const add = () => registry.add(kind, strategy, '@acme/plugin');
    expect(add).toThrow(PluginError);
    expect(add).toThrow(message);
    expect(add).toThrow('Plugin "@acme/plugin"');
    expect(registry.list(kind)).toEqual([]);
  });

  it('whose id is taken; the first keeps it', () => {
    const registry = new StrategyRegistry();
    const first = backend('x');
    registry.add('backend', first, 'first');
    expect(() => registry.add('backend', backend('x'), 'second')).toThrow(
      /Plugin "second": the backend id "x" is already taken by plugin "first"/,
    );
    expect(registry.get('backend', 'x')).toBe(first);
  });
});

describe('init', () => {
  it('runs every init once, side by side, however often it is asked for', async () => {
    const registry = new StrategyRegistry();
    let [started, finished] = [0, 0];
    const meet: (() => void)[] = [];
    // Each ends only when both have begun.
    const init = () =>
      new Promise<void>((resolve) => {
        started++;
        meet.push(resolve);
        if (started === 2) meet.forEach((go) => go());
      }).then(() => void finished++);
    registry.add('backend', backend('a', { init }), 'p');
    registry.add('backend', backend('b', { init }), 'p');
    registry.add('backend', backend('without'), 'p');
    await Promise.all([registry.init(), registry.init()]);
    await registry.init();
    expect([started, finished]).toEqual([2, 2]);
  });

  it.each<[string, () => void | Promise<void>, RegExp]>([
    ['rejects', () => Promise.reject(new Error('no licence')), /init\(\) of "x" failed: no licence\. Fix the plugin/],
    [
      'throws at once',
      () => {
        throw new Error('no licence');
      },
      /failed: no licence/,
    ],
    ['never ends', never, /failed: did not finish within 20 ms/],
  ])('fails by the name of the plugin whose init %s', async (_, init, message) => {
    const registry = new StrategyRegistry(20);
    registry.add('backend', backend('x', { init }), '@acme/plugin');
    registry.add('backend', backend('fine', { init: () => Promise.resolve() }), 'other');
    const error: unknown = await registry.init().catch((reason: unknown) => reason);
    expect(PluginError.is(error)).toBe(true);
    expect(error).toMatchObject({ plugin: '@acme/plugin', message: expect.stringMatching(message) as string });
    await expect(registry.init()).rejects.toBe(error);
  });
});

describe('destroy', () => {
  it('reaches every strategy, even where one throws', async () => {
    const registry = new StrategyRegistry();
    const closed: string[] = [];
    registry.add('backend', backend('a', { priority: 9, destroy: () => Promise.reject(new Error('stuck')) }), 'p');
    registry.add(
      'backend',
      backend('b', {
        priority: 8,
        destroy: () => {
          throw new Error('stuck at once');
        },
      }),
      'p',
    );
    registry.add('backend', backend('c', { destroy: () => void closed.push('c') }), 'p');
    await registry.destroy();
    expect(closed).toEqual(['c']);
  });
});
