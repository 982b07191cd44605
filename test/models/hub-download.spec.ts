import 'reflect-metadata';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Logger } from '@nestjs/common';
import type { CatalogueModel } from '../../libs/store/src/catalogue/catalogue';
import type { HubOptions } from '../../libs/store/src/hub/hub-options';
import { HubSource } from '../../libs/store/src/hub/hub-source';
import { COMMIT, HubStandIn, type StandInOptions } from './hub-stand-in';
import { filesOf, GRAPH, pinned, sha256, tinyEntry } from './tiny-catalogue';

Logger.overrideLogger(false);

const PATIENCE = { stallMs: 400, attempts: 4, firstWaitMs: 5, longestWaitMs: 2_000 };
const never = new AbortController().signal;

describe('downloads from a hub', () => {
  let root: string;
  let hub: HubStandIn;
  let files: Map<string, Buffer>;
  const sources: HubSource[] = [];

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'store-'));
    files = filesOf('bert-cls');
  });
  afterEach(async () => {
    await Promise.all(sources.splice(0).map((source) => source.destroy()));
    await hub?.close();
    await rm(root, { recursive: true, force: true });
  });

  const startHub = async (options: StandInOptions = { largeBytes: 100_000 }) => {
    hub = await HubStandIn.start(files, options);
  };
  const graph = () => files.get(GRAPH) as Buffer;

  async function source(entry: CatalogueModel = tinyEntry(), options: Partial<HubOptions> = {}): Promise<HubSource> {
    const made = new HubSource([entry], { endpoint: hub.url, storeFolder: root, patience: PATIENCE, ...options });
    sources.push(made);
    await made.init();
    return made;
  }

  const fetchTiny = (from: HubSource, signal = never) => from.fetch('tiny', () => undefined, signal);

  /** Whatever happened: the source serves the right bytes or none, and nothing half-done lies about. */
  async function expectWhole(from: HubSource): Promise<void> {
    const model = await from.locate('tiny');
    expect(sha256(readFileSync(model?.artifacts[0]?.path ?? ''))).toBe(sha256(graph()));
    expect(leftovers()).toEqual([]);
  }
  async function expectNothing(from: HubSource): Promise<void> {
    expect(await from.locate('tiny')).toBeUndefined();
    expect((await from.list())[0]?.state).toBe('available');
  }
  const leftovers = () => (existsSync(join(root, 'partial')) ? readdirSync(join(root, 'partial')) : []);

  it('brings a model here, whole and described by its own files', async () => {
    await startHub();
    const from = await source();
    const model = await fetchTiny(from);
    expect(model).toMatchObject({ id: 'tiny', dimensions: 64, pooling: 'cls', maxTokens: 48, normalize: true });
    expect(model.prompts).toMatchObject({ query: 'Represent this sentence for searching: ' });
    expect((await from.list())[0]).toMatchObject({ state: 'ready', aliases: ['test-owner/tiny-model'] });
    await expectWhole(from);
  });

  it('goes on where it was cut, at every tenth of the file', async () => {
    await startHub();
    const tenths = Array.from({ length: 9 }, (_, tenth) => Math.floor((graph().length * (tenth + 1)) / 10));
    hub.trouble(GRAPH, ...tenths.map((at) => ({ kind: 'cut' as const, at })));
    const from = await source();
    await fetchTiny(from);
    await expectWhole(from);
    const starts = hub.gets(GRAPH).map(({ range }) => Number(/\d+/.exec(range ?? '0')?.[0]));
    expect(starts).toHaveLength(10);
    // What was under way when the line went dead may be lost: a try begins where the last one's bytes on disk ended.
    for (const [index, start] of starts.entries()) {
      expect(start).toBeGreaterThanOrEqual(starts[index - 1] ?? 0);
      expect(start).toBeLessThanOrEqual(tenths[index - 1] ?? 0);
    }
    expect(starts.at(-1)).toBeGreaterThan(0);
  });

  it('begins again where the hub ignores the range', async () => {
    await startHub();
    hub.trouble(GRAPH, { kind: 'cut', at: 1000 }, { kind: 'ignore-range' });
    const from = await source();
    await fetchTiny(from);
    await expectWhole(from);
  });

  it('refuses a hub that has another file than the catalogue pins, before any of it is fetched', async () => {
    await startHub();
    const from = await source(pinned('0'.repeat(64)));
    await expect(fetchTiny(from)).rejects.toMatchObject({
      code: 'MODEL_NOT_AVAILABLE',
      message: expect.stringMatching(/another onnx\/model\.onnx/) as string,
    });
    expect(hub.gets(GRAPH)).toEqual([]);
    await expectNothing(from);
  });

  it('keeps nothing of a file whose bytes are not the ones announced', async () => {
    await startHub();
    const forged = Buffer.from(graph());
    forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
    hub.trouble(GRAPH, { kind: 'forge', body: forged }, { kind: 'forge', body: forged });
    const from = await source();
    await expect(fetchTiny(from)).rejects.toThrow(/nothing of it was kept/);
    await expectNothing(from);
    expect(leftovers()).toEqual([]);
    await fetchTiny(from);
    await expectWhole(from);
  });

  it('mends a download whose earlier part was spoiled on the disk', async () => {
    await startHub();
    hub.trouble(GRAPH, ...Array.from({ length: 4 }, () => ({ kind: 'cut' as const, at: 5000 })));
    const from = await source();
    await expect(fetchTiny(from)).rejects.toThrow(/POST \/v1\/models\/tiny\/download again/);
    const [part] = leftovers().filter((name) => name.endsWith('.part'));
    writeFileSync(join(root, 'partial', part ?? ''), Buffer.alloc(5000, 7));
    await fetchTiny(from);
    await expectWhole(from);
  });

  it.each([
    ['a body that ends early in good order', { kind: 'truncate', at: 3000 }],
    ['a 500', { kind: 'status', status: 500 }],
    ['a 503', { kind: 'status', status: 503 }],
    ['a 429 with Retry-After in seconds', { kind: 'status', status: 429, retryAfter: '1' }],
    ['a line that goes silent', { kind: 'stall', at: 3000 }],
  ] as const)('gets over %s', async (_name, trouble) => {
    await startHub();
    hub.trouble(GRAPH, trouble, trouble);
    const from = await source();
    await fetchTiny(from);
    await expectWhole(from);
  });

  it('waits as long as a 429 asks for', async () => {
    await startHub();
    hub.trouble(GRAPH, { kind: 'status', status: 429, retryAfter: '1' });
    const from = await source();
    const startedAt = performance.now();
    await fetchTiny(from);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000);
  });

  it('is patient with a slow line that keeps moving', async () => {
    await startHub();
    hub.trouble(GRAPH, { kind: 'trickle', bytes: Math.ceil(graph().length / 40), pauseMs: 25 });
    const from = await source();
    await fetchTiny(from);
    await expectWhole(from);
    expect(hub.gets(GRAPH)).toHaveLength(1);
  });

  it.each([
    [404, /does not have onnx\/model\.onnx/],
    [403, /set HF_TOKEN/],
    [418, /check HF_ENDPOINT/],
  ])('gives up at once at %d and says what to do', async (status, message) => {
    await startHub();
    hub.trouble(GRAPH, { kind: 'status', status });
    const from = await source();
    await expect(fetchTiny(from)).rejects.toThrow(message);
    expect(hub.gets(GRAPH)).toHaveLength(1);
    await expectNothing(from);
    expect(leftovers()).toEqual([]);
  });

  it('gives up after some tries that bring nothing, and says so', async () => {
    await startHub();
    hub.trouble(GRAPH, ...Array.from({ length: 4 }, () => ({ kind: 'status' as const, status: 502 })));
    const from = await source();
    await expect(fetchTiny(from)).rejects.toThrow(/could not be downloaded: the hub answered 502/);
    await expectNothing(from);
  });

  it('follows redirects and shows its token to the hub only', async () => {
    await startHub({ largeBytes: 100_000, hops: 3 });
    const from = await source(tinyEntry(), { token: 'secret' });
    await fetchTiny(from);
    await expectWhole(from);
    const [toStorage, toHub] = [true, false].map((storage) =>
      hub.asked
        .filter(({ path }) => path.startsWith('/storage/') === storage)
        .map(({ authorization }) => authorization),
    );
    expect(new Set(toStorage)).toEqual(new Set([undefined]));
    expect(new Set(toHub)).toEqual(new Set(['Bearer secret']));
  });

  it('does not follow a circle of redirects for ever', async () => {
    await startHub({ largeBytes: 100_000, hops: 50 });
    await expect(fetchTiny(await source())).rejects.toThrow(/circle/);
  });

  it('needs no word about size and hash', async () => {
    await startHub({ taciturn: true });
    hub.trouble(GRAPH, { kind: 'cut', at: 5000 });
    const from = await source(pinned(sha256(graph())));
    await fetchTiny(from);
    await expectWhole(from);
  });

  it('says at once that there is no network, and what to do', async () => {
    await startHub();
    await hub.close();
    const from = await source();
    await expect(fetchTiny(from)).rejects.toMatchObject({
      code: 'MODEL_NOT_AVAILABLE',
      message: expect.stringMatching(/cannot be reached \(ECONNREFUSED\).*proxy.*SUTRA_MODELS_DIR/) as string,
    });
    await expectNothing(from);
  });

  it('stops when it is told to, keeps what has arrived and goes on from there', async () => {
    await startHub();
    hub.trouble(GRAPH, { kind: 'trickle', bytes: 20_000, pauseMs: 20 });
    const from = await source();
    const abort = new AbortController();
    const download = from.fetch('tiny', ({ receivedBytes }) => receivedBytes > 200_000 && abort.abort(), abort.signal);
    await expect(download).rejects.toThrow();
    await expectNothing(from);
    await fetchTiny(from);
    await expectWhole(from);
    expect(hub.gets(GRAPH)[1]?.range).toMatch(/^bytes=\d{5,}-$/);
  });

  it('reports progress that ends at the whole', async () => {
    await startHub();
    const seen: { receivedBytes: number; totalBytes: number | null }[] = [];
    await (await source()).fetch('tiny', (progress) => seen.push(progress), never);
    const last = seen.at(-1);
    expect(last?.receivedBytes).toBe(last?.totalBytes);
    expect(seen.every(({ receivedBytes }, i) => i === 0 || receivedBytes >= (seen[i - 1]?.receivedBytes ?? 0))).toBe(
      true,
    );
  });

  describe('trust on first use', () => {
    it('refuses a file that has changed since the first download, after a removal too', async () => {
      await startHub();
      const from = await source();
      await fetchTiny(from);
      expect(await from.remove('tiny')).toBe(true);
      await expectNothing(from);
      files.set('tokenizer.json', Buffer.concat([files.get('tokenizer.json') as Buffer, Buffer.from(' ')]));
      await expect(fetchTiny(from)).rejects.toThrow(/tokenizer\.json/);
      await expectNothing(from);
    });

    it('says in the log that it trusts', async () => {
      await startHub();
      const log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
      await fetchTiny(await source());
      expect(log).toHaveBeenCalledWith(expect.stringMatching(/trust on first use/));
      log.mockRestore();
    });

    it('stays with the commit that was downloaded first', async () => {
      await startHub();
      const from = await source();
      await fetchTiny(from);
      await from.remove('tiny');
      hub.asked.length = 0;
      await fetchTiny(from);
      expect(hub.asked.every(({ path }) => path.includes(COMMIT) || path.startsWith('/storage/'))).toBe(true);
    });
  });

  it('does not serve a file that has changed on the disk, and mends only that one', async () => {
    await startHub();
    await fetchTiny(await source());
    const path = (await (await source()).locate('tiny'))?.artifacts[0]?.path ?? '';
    const bytes = readFileSync(path);
    bytes[100] = (bytes[100] ?? 0) ^ 0xff;
    writeFileSync(path, bytes);
    const restarted = await source();
    await expect(restarted.locate('tiny')).rejects.toThrow(/has changed since it was downloaded/);
    await expectNothing(restarted);
    hub.asked.length = 0;
    await fetchTiny(restarted);
    await expectWhole(restarted);
    expect(hub.asked.filter(({ method, path: asked }) => method === 'GET' && !asked.endsWith(GRAPH))).toEqual([]);
  });

  describe('an existing Hugging Face cache', () => {
    const fill = (cache: string) => {
      const folder = join(cache, 'models--test-owner--tiny-model');
      for (const [path, content] of files) {
        const target = join(folder, 'snapshots', COMMIT, path);
        mkdirSync(join(target, '..'), { recursive: true });
        writeFileSync(target, content);
      }
      mkdirSync(join(folder, 'refs'), { recursive: true });
      writeFileSync(join(folder, 'refs', 'main'), COMMIT);
    };

    it('is enough, without any network', async () => {
      await startHub();
      await hub.close();
      const cacheFolder = join(root, 'cache');
      fill(cacheFolder);
      const from = await source(pinned(sha256(graph())), { cacheFolder, offline: true });
      await fetchTiny(from);
      await expectWhole(from);
    });

    it('saves the large file while the hub is asked about it', async () => {
      await startHub();
      const cacheFolder = join(root, 'cache');
      fill(cacheFolder);
      await fetchTiny(await source(tinyEntry(), { cacheFolder }));
      expect(hub.asked.filter(({ method }) => method === 'GET')).toEqual([]);
    });

    it('is not trusted with a wrong file', async () => {
      await startHub();
      const cacheFolder = join(root, 'cache');
      fill(cacheFolder);
      writeFileSync(join(cacheFolder, 'models--test-owner--tiny-model/snapshots', COMMIT, GRAPH), 'wrong');
      const from = await source(pinned(sha256(graph())), { cacheFolder });
      await fetchTiny(from);
      await expectWhole(from);
      expect(hub.gets(GRAPH)).toHaveLength(1);
    });

    it('says what HF_HUB_OFFLINE forbids where the cache does not have it', async () => {
      await startHub();
      await expect(fetchTiny(await source(tinyEntry(), { offline: true }))).rejects.toThrow(/HF_HUB_OFFLINE/);
      expect(hub.asked).toEqual([]);
    });
  });

  it('goes through a proxy, except for hosts that are excepted', async () => {
    await startHub();
    const tunnels: string[] = [];
    const proxy = createServer((client) => {
      client.once('data', (head) => {
        const [, host, port] = /^CONNECT ([^:]+):(\d+)/.exec(head.toString()) ?? [];
        tunnels.push(`${host}:${port}`);
        const upstream = connect(Number(port), host, () => {
          client.write('HTTP/1.1 200 OK\r\n\r\n');
          client.pipe(upstream).pipe(client);
        });
        for (const socket of [client, upstream]) socket.on('error', () => upstream.destroy());
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const http = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const from = await source(tinyEntry(), { proxies: { http, none: '127.0.0.1' } });
    await fetchTiny(from);
    expect(tunnels).toEqual([]);
    await from.remove('tiny');
    await fetchTiny(await source(tinyEntry(), { proxies: { http } }));
    expect(tunnels.length).toBeGreaterThan(0);
    await Promise.all(sources.splice(0).map((one) => one.destroy()));
    proxy.close();
  });

  describe('processes', () => {
    const script = join(__dirname, 'download-process.js');
    const catalogue = () => {
      const path = join(root, 'catalogue.json');
      writeFileSync(path, JSON.stringify({ schema: 1, models: [tinyEntry()] }));
      return path;
    };
    const run = () => promisify(execFile)(process.execPath, [script, root, hub.url, catalogue()]);

    it('share one download', async () => {
      await startHub();
      hub.trouble(GRAPH, { kind: 'trickle', bytes: Math.ceil(graph().length / 30), pauseMs: 50 });
      const [one, two] = await Promise.all([run(), run()]);
      const [first, second] = [one, two].map(({ stdout }) => stdout.trim().split('\n').at(-1));
      expect(first).toBe(second);
      expect(hub.sent.get(GRAPH)).toBe(graph().length);
      await expectWhole(await source());
    });

    it('leave nothing wrong behind when killed in the middle, and the next one goes on', async () => {
      await startHub();
      for (const share of [0.2, 0.5, 0.8]) {
        hub.trouble(GRAPH, { kind: 'stall', at: Math.floor(graph().length * share) });
        const before = hub.sent.get(GRAPH) ?? 0;
        const child = spawn(process.execPath, [script, root, hub.url, catalogue()]);
        const target = Math.floor(graph().length * share);
        await until(() => (hub.sent.get(GRAPH) ?? 0) >= target && partialBytes() >= target);
        child.kill('SIGKILL');
        await new Promise((resolve) => child.on('exit', resolve));
        expect((hub.sent.get(GRAPH) ?? 0) - before).toBeGreaterThan(0);
        expect(leftovers().some((name) => name.endsWith('.lock'))).toBe(true);
        await expectNothing(await source());
        expect(leftovers().some((name) => name.endsWith('.lock'))).toBe(false);
      }
      await run();
      expect(hub.sent.get(GRAPH)).toBe(graph().length);
      await expectWhole(await source());
    });

    const partialBytes = () => {
      const part = leftovers().find((name) => name.endsWith('.part') && name.includes('model.onnx'));
      return part === undefined ? 0 : readFileSync(join(root, 'partial', part)).length;
    };
  });

  describe('a full disk', () => {
    const canMount = process.platform === 'linux' && process.getuid?.() === 0;
    const onTmpfs = canMount ? it : it.skip;
    const note = canMount ? '' : ' (skipped: mounting a tmpfs needs root on Linux)';

    async function withTmpfs(size: string, test: (folder: string) => Promise<void>): Promise<void> {
      const folder = join(root, 'small');
      mkdirSync(folder);
      await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder]);
      try {
        await test(folder);
      } finally {
        await promisify(execFile)('umount', [folder]);
        rmSync(folder, { recursive: true, force: true });
      }
    }

    onTmpfs(`is seen before anything is fetched${note}`, async () => {
      await startHub();
      await withTmpfs('1m', async (storeFolder) => {
        const from = await source(tinyEntry(), { storeFolder });
        await expect(fetchTiny(from)).rejects.toThrow(/MB free where .* are needed.*SUTRA_MODEL_STORE/);
        expect(hub.asked.filter(({ method }) => method === 'GET')).toEqual([]);
      });
    });

    onTmpfs(`is given back what a download of unknown size took of it${note}`, async () => {
      files.set(GRAPH, Buffer.alloc(48 * 2 ** 20, 1));
      await startHub({ taciturn: true });
      await withTmpfs('40m', async (storeFolder) => {
        const from = await source(tinyEntry(), { storeFolder });
        await expect(fetchTiny(from)).rejects.toThrow(/SUTRA_MODEL_STORE/);
        await expectNothing(from);
        expect(readdirSync(join(storeFolder, 'partial'))).toEqual([]);
      });
    });
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
