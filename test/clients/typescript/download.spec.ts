import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DownloadFailedError,
  ModelNotAvailableError,
  SutraEmbedder,
  type DownloadStatus,
} from '@sutra-embedder/client';
import { HubStandIn } from '../../models/hub-stand-in';
import { filesOf, GRAPH, tinyEntry } from '../../models/tiny-catalogue';
import { RealServer } from './real-server';

describe('downloadModel, from a local stand-in for the hub', () => {
  const files = filesOf('bert-cls');
  const graph = files.get(GRAPH) as Buffer;
  let home: string;
  let hub: HubStandIn;
  let server: RealServer;
  let client: SutraEmbedder;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'sutra-download-'));
    hub = await HubStandIn.start(files, { largeBytes: 100_000 });
    const contradicted = tinyEntry({ id: 'contradicted', repository: 'test-owner/contradicted', pooling: 'mean' });
    const catalogue = join(home, 'catalogue.json');
    writeFileSync(catalogue, JSON.stringify({ schema: 1, models: [tinyEntry(), contradicted] }));
    server = await RealServer.start(undefined, {
      SUTRA_MODEL_STORE: join(home, 'store'),
      SUTRA_CATALOGUE: catalogue,
      HF_ENDPOINT: hub.url,
      HF_HUB_CACHE: join(home, 'cache'),
    });
    client = new SutraEmbedder({ baseUrl: server.url, maxRetries: 0 });
  });
  afterAll(async () => {
    await RealServer.endAll();
    await hub.close();
    rmSync(home, { recursive: true });
  });

  const trickle = () => hub.trouble(GRAPH, { kind: 'trickle', bytes: Math.ceil(graph.length / 20), pauseMs: 100 });

  it('waits until it is ready, tells how far it is, and the model serves', async () => {
    trickle();
    await expect(client.embed('hello', { model: 'tiny' })).rejects.toThrow(ModelNotAvailableError);
    const told: DownloadStatus[] = [];
    const status = await client.downloadModel('tiny', { pollMs: 100, onProgress: (step) => told.push(step) });
    expect(status).toMatchObject({ status: 'ready', progress: 1 });
    expect(told.at(-1)).toBe(status);
    const progress = told.map((step) => step.progress);
    expect(progress.filter((part) => part > 0 && part < 1).length).toBeGreaterThan(2);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(told.slice(0, -1).every((step) => step.status === 'downloading')).toBe(true);
    expect(hub.gets(GRAPH)).toHaveLength(1);
    expect((await client.embed('hello', { model: 'tiny' })).embeddings[0]).toHaveLength(64);
  });

  it('throws with the reason where it fails, and does not begin anew', async () => {
    trickle();
    const before = hub.gets(GRAPH).length;
    const error: unknown = await client
      .downloadModel('contradicted', { pollMs: 100 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DownloadFailedError);
    expect((error as Error).message).toMatch(/pooling/);
    expect(hub.gets(GRAPH)).toHaveLength(before + 1);
  });

  it('stops waiting when its signal aborts; the download goes on', async () => {
    await fetch(`${server.url}/v1/models/tiny`, { method: 'DELETE' });
    trickle();
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = () => controller.abort(reason);
    await expect(client.downloadModel('tiny', { signal: controller.signal, onProgress })).rejects.toBe(reason);
    expect((await client.downloadModel('tiny', { pollMs: 100 })).status).toBe('ready');
  });
});
