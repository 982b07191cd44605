import type { SessionGroup } from './session-group';
import { SessionGroups, type GroupSpec } from './session-groups';

/** Groups that only tell whether they are open. */
class Fake {
  readonly log: string[] = [];
  readonly openNow = new Set<string>();
  most = 0;
  failures = new Map<string, number>();
  failing: Error | undefined;

  spec(key: string, bytes = 10): GroupSpec {
    return {
      key,
      model: key,
      backend: 'b',
      bytes,
      open: async () => {
        await new Promise(setImmediate);
        const failures = this.failures.get(key) ?? 0;
        if (failures > 0) {
          this.failures.set(key, failures - 1);
          throw new Error(`${key} does not open`);
        }
        this.log.push(`+${key}`);
        this.openNow.add(key);
        this.most = Math.max(this.most, this.openNow.size);
        const failing = () => this.failing;
        return {
          get failing() {
            return failing();
          },
          get outage() {
            return failing() && { reason: 'broken', retryAt: 5 };
          },
          close: async () => {
            this.log.push(`-${key}`);
            this.openNow.delete(key);
          },
        } as unknown as SessionGroup;
      },
    };
  }
}

const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
};

describe('SessionGroups', () => {
  let fake: Fake;
  beforeEach(() => void (fake = new Fake()));

  it('opens a group once, however many ask at the same time', async () => {
    const groups = new SessionGroups();
    const refs = await Promise.all([groups.ensure(fake.spec('a')), groups.ensure(fake.spec('a'))]);
    expect(fake.log).toEqual(['+a']);
    expect(refs.map((ref) => ref.acquire() instanceof Promise)).toEqual([false, false]);
  });

  it('closes the group used longest ago when the budget is reached, and opens it again when it is needed', async () => {
    const groups = new SessionGroups(20);
    const a = await groups.ensure(fake.spec('a'));
    const b = await groups.ensure(fake.spec('b'));
    (await a.acquire()).release();
    await groups.ensure(fake.spec('c'));
    expect(fake.log).toEqual(['+a', '+b', '-b', '+c']);
    expect([...fake.openNow].sort()).toEqual(['a', 'c']);
    (await b.acquire()).release();
    expect([...fake.openNow].sort()).toEqual(['b', 'c']);
    expect(fake.most).toBe(2);
    expect(groups.usedBytes).toBe(20);
  });

  it('never closes a group that is held', async () => {
    const groups = new SessionGroups(10);
    const lease = await (await groups.ensure(fake.spec('a'))).acquire();
    const waiting = groups.ensure(fake.spec('b'));
    await settle();
    expect([...fake.openNow]).toEqual(['a']);
    lease.release();
    await waiting;
    expect(fake.log).toEqual(['+a', '-a', '+b']);
  });

  it('lets a newcomer in although the group before it is asked for all the time', async () => {
    const groups = new SessionGroups(10);
    const a = await groups.ensure(fake.spec('a'));
    const held = await a.acquire();
    const newcomer = groups.ensure(fake.spec('b')).then((ref) => ref.acquire());
    await settle();
    const late = Promise.resolve(a.acquire());
    held.release();
    const lease = await newcomer;
    expect([...fake.openNow]).toEqual(['b']);
    lease.release();
    (await late).release();
    expect(fake.log).toEqual(['+a', '-a', '+b', '-b', '+a']);
  });

  it('releases a lease once, whatever its holder does', async () => {
    const groups = new SessionGroups(10);
    const ref = await groups.ensure(fake.spec('a'));
    const [one, two] = [await ref.acquire(), await ref.acquire()];
    one.release();
    one.release();
    const waiting = groups.ensure(fake.spec('b'));
    await settle();
    expect([...fake.openNow]).toEqual(['a']);
    two.release();
    await waiting;
  });

  it('refuses what can never fit, naming the variable', async () => {
    await expect(new SessionGroups(5).ensure(fake.spec('a'))).rejects.toThrow(/SUTRA_MODEL_MEMORY_MB/);
  });

  it('stands a storm of requests for more models than fit', async () => {
    const groups = new SessionGroups(20);
    const refs = await Promise.all(['a', 'b', 'c', 'd'].map((key) => groups.ensure(fake.spec(key))));
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const key = 'abcd'[i % 4] as string;
        const lease = await (refs[i % 4] as (typeof refs)[0]).acquire();
        expect(fake.openNow.has(key)).toBe(true);
        await new Promise(setImmediate);
        expect(fake.openNow.has(key)).toBe(true);
        lease.release();
      }),
    );
    expect(fake.most).toBeLessThanOrEqual(2);
    await groups.close();
    expect(fake.openNow.size).toBe(0);
  });

  it('closes the groups of a retired model when they are idle', async () => {
    const groups = new SessionGroups();
    const lease = await (await groups.ensure(fake.spec('a'))).acquire();
    await groups.ensure(fake.spec('b'));
    const retired = groups.retire('a');
    await settle();
    expect([...fake.openNow].sort()).toEqual(['a', 'b']);
    lease.release();
    await retired;
    expect([...fake.openNow]).toEqual(['b']);
  });

  describe('a group that does not open', () => {
    beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
    afterEach(() => void jest.useRealTimers());

    it('fails its callers with the reason, and not twice within the wait', async () => {
      const groups = new SessionGroups();
      fake.failures.set('a', 1);
      await expect(groups.ensure(fake.spec('a'))).rejects.toThrow('a does not open');
      await expect(groups.ensure(fake.spec('a'))).rejects.toThrow('a does not open');
      expect(groups.failing).toMatchObject([{ model: 'a', reason: 'a does not open' }]);
      expect(fake.failures.get('a')).toBe(0);
    });

    it('is tried again by itself after ever longer waits, and forgotten once it opens', async () => {
      const groups = new SessionGroups();
      fake.failures.set('a', 3);
      await expect(groups.ensure(fake.spec('a'))).rejects.toThrow();
      for (const wait of [1_000, 2_000]) {
        await jest.advanceTimersByTimeAsync(wait);
        await settle();
        expect(groups.failing).toHaveLength(1);
      }
      await jest.advanceTimersByTimeAsync(3_999);
      await settle();
      expect(fake.log).toEqual([]);
      await jest.advanceTimersByTimeAsync(1);
      await settle();
      expect(fake.log).toEqual(['+a']);
      expect(groups.failing).toEqual([]);
    });

    it('does not count against a model that runs on something else', async () => {
      const groups = new SessionGroups();
      fake.failures.set('int8', 1);
      await expect(groups.ensure({ ...fake.spec('int8'), model: 'm' })).rejects.toThrow();
      await groups.ensure({ ...fake.spec('fp32'), model: 'm' });
      expect(groups.failing).toEqual([]);
    });
  });

  it('lends nothing of a group that keeps failing, and says so, until it works again', async () => {
    const groups = new SessionGroups();
    const ref = await groups.ensure(fake.spec('a'));
    fake.failing = new Error('keeps failing');
    await expect(ref.acquire()).rejects.toBe(fake.failing);
    await expect(groups.ensure(fake.spec('a'))).rejects.toBe(fake.failing);
    expect(groups.outages).toEqual([{ model: 'a', backend: 'b', reason: 'broken', retryAt: 5 }]);
    expect(groups.failing).toEqual([]);
    fake.failing = undefined;
    (await ref.acquire()).release();
    expect(groups.outages).toEqual([]);
    await groups.close();
  });
});
