import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineEvents } from '@sutra-embedder/engine';
import { Service } from './service';
import { ServiceProcess } from './service-process';

const FAULTY = join(__dirname, '../fixtures/plugins/faulty.js');
const folder = mkdtempSync(join(tmpdir(), 'sutra-faults-'));
const orders = join(folder, 'orders');
const innocent = Array.from({ length: 12 }, (_, i) => `an innocent text, number ${i}`);

beforeAll(() => {
  process.env['FAULTY_ORDERS'] = orders;
});
afterAll(() => {
  delete process.env['FAULTY_ORDERS'];
  rmSync(folder, { recursive: true });
});

const start = (more: Record<string, string> = {}) =>
  Service.start({ SUTRA_PLUGINS: FAULTY, SUTRA_SESSION_HEAP_MB: '48', SUTRA_BATCH_TIMEOUT_MS: '5000', ...more });
const until = async (condition: () => Promise<boolean>) => {
  for (let tries = 0; tries < 300; tries++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it did not come to that');
};

describe.each([
  // In a thread a segmentation fault would take this process.
  ['thread', ['evacuate', 'avalanche', 'paralyzed']],
  ['process', ['evacuate', 'avalanche', 'paralyzed', 'earthquake']],
])('with sessions in a %s each', (isolation, poisons) => {
  let service: Service;
  let expected: Float32Array[];
  const refused: string[] = [];
  const deaths: string[] = [];
  beforeAll(async () => {
    const sound = await Service.start();
    expected = await sound.embed(innocent);
    await sound.close();
    service = await start({ SUTRA_ISOLATION: isolation });
    const events = service.app.get(EngineEvents);
    events.on('textRefused', (sha256) => refused.push(sha256));
    events.on('hostDeath', ({ message }) => deaths.push(message));
    // So that a few poisons do not make half of all batches, which would be taken for a failing backend.
    for (let i = 0; i < 40; i++) await service.embed([`ordinary text ${i}`]);
  });
  afterAll(() => service.close());

  it.each(poisons)(
    'serves whoever shares a batch with the text "%s" that ends sessions, and refuses that text by its hash',
    async (poison) => {
      deaths.length = refused.length = 0;
      const [bad, ...good] = await Promise.all([
        service.post('/v1/embeddings', { texts: ['a good text', `all of them must ${poison} at once`] }),
        ...innocent.map((text) => service.embed([text])),
      ]);
      expect(good.map(([vector]) => vector)).toEqual(expected);
      expect(bad.status).toBe(422);
      expect(bad.body.error).toMatchObject({
        code: 'TEXT_REFUSED',
        details: { field: 'texts[1]', sha256: refused[0] },
      });
      expect(JSON.stringify(bad.body)).not.toContain(poison);
      expect(refused).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
      expect(deaths).toHaveLength(2);
    },
  );

  it('refuses such a text at once when it comes again', async () => {
    deaths.length = 0;
    const { body } = await service.post('/v1/embeddings', { texts: [`all of them must ${poisons[0]} at once`] });
    expect(body.error.code).toBe('TEXT_REFUSED');
    // By the name that the request has for its texts.
    const input = `all of them must ${poisons[0]} at once`;
    const { status, text } = await service.post('/openai/v1/embeddings', { input, model: 'efficient' });
    expect([status, text]).toEqual([422, expect.stringContaining('input[0] ended the session')]);
    expect(deaths).toEqual([]);
  });

  it('fails a text that cannot be run by that name, without refusing it', async () => {
    refused.length = deaths.length = 0;
    const [bad, ...good] = await Promise.all([
      service.post('/v1/embeddings', { texts: ['an eruption'] }),
      ...innocent.map((text) => service.embed([text])),
    ]);
    expect(good.map(([vector]) => vector)).toEqual(expected);
    expect([bad.status, bad.body.error.code]).toEqual([503, 'BACKEND_UNAVAILABLE']);
    expect([refused, deaths]).toEqual([[], []]);
  });
});

describe('a child process', () => {
  it('that is killed under load loses no request and no bit', async () => {
    const service = await Service.start({ SUTRA_ISOLATION: 'process' });
    const texts = Array.from({ length: 100 }, (_, i) => `text number ${i} of those that must survive`);
    const expected = await service.embed(texts);
    for (let kill = 0; kill < 3; kill++) {
      const [child] = childrenOf(process.pid);
      const answer = service.embed(texts);
      await new Promise((resolve) => setTimeout(resolve, 50));
      process.kill(child as number, 'SIGKILL');
      expect(await answer).toEqual(expected);
    }
    await service.close();
    // One that was being opened in the place of another may still be on its way out.
    await until(() => Promise.resolve(childrenOf(process.pid).length === 0));
  });
});

describe('a backend that keeps failing', () => {
  it('is left alone: the next of the same precision serves, health is degraded, and it is used again once it works', async () => {
    const service = await start();
    const backendOf = async () => {
      const { status, body } = await service.post('/v1/embeddings', { texts: ['which backend is this'] });
      return status === 200 ? (body.metadata.backend as string) : (body.error.code as string);
    };
    const health = async () => ((await service.get('/v1/health')).body as { status: string }).status;
    expect([await backendOf(), await health()]).toEqual(['faulty', 'healthy']);
    writeFileSync(orders, 'always throw');
    const seen: string[] = [];
    await until(async () => seen.push(await backendOf()) > 0 && seen.at(-1) === 'onnx-cpu');
    expect(new Set(seen.slice(0, -1))).toEqual(new Set(['BACKEND_UNAVAILABLE']));
    expect(seen.length).toBeLessThanOrEqual(10);
    expect(await health()).toBe('degraded');
    expect((await service.get('/v1/system')).text).toContain('ordered to fail');
    rmSync(orders);
    await until(async () => (await health()) === 'healthy');
    expect(await backendOf()).toBe('faulty');
    await service.close();
  });
});

function childrenOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'ppid=,pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((found) => Number(found?.[1]) === pid && found?.[3]?.startsWith('sutra-session'))
    .map((found) => Number(found?.[2]));
}

it('is ended by a crash in native code, so that its supervisor can start it again', async () => {
  const service = await ServiceProcess.start({ SUTRA_PLUGINS: FAULTY, SUTRA_LOG_LEVEL: 'silent' });
  const answer = service.post('/v1/embeddings', { texts: ['an earthquake'] });
  // It hears nothing back either.
  await expect(answer).rejects.toThrow();
  expect(await service.ended()).toBe('SIGSEGV');
});
