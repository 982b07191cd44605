import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Service } from '../e2e/service';
import { cosine } from '../golden/cosine';
import { HubStandIn } from './hub-stand-in';
import { filesOf, GRAPH, pinned, sha256, tinyEntry } from './tiny-catalogue';

/** Downloads over REST, against a local stand-in for the hub. */
describe('model routes', () => {
  let root: string;
  let hub: HubStandIn;
  let service: Service;
  const files = filesOf('bert-cls');
  const graph = files.get(GRAPH) as Buffer;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'routes-'));
    hub = await HubStandIn.start(files, { largeBytes: 100_000 });
    const catalogue = join(root, 'catalogue.json');
    writeFileSync(
      catalogue,
      JSON.stringify({
        schema: 1,
        models: [
          pinned(sha256(graph)),
          pinned('0'.repeat(64), { id: 'mispinned', repository: 'test-owner/mispinned' }),
          tinyEntry({ id: 'contradicted', repository: 'test-owner/contradicted', pooling: 'mean' }),
        ],
      }),
    );
    mkdirSync(join(root, 'own'));
    service = await Service.start({
      SUTRA_MODEL_STORE: join(root, 'store'),
      SUTRA_CATALOGUE: catalogue,
      HF_ENDPOINT: hub.url,
      HF_HUB_CACHE: join(root, 'cache'),
    });
  });
  afterAll(async () => {
    await service.close();
    await hub.close();
    await rm(root, { recursive: true });
  });

  const post = (id: string) => service.inject('POST', `/v1/models/${id}/download`);
  const get = (id: string) => service.get(`/v1/models/${id}`);
  const remove = (id: string) => service.inject('DELETE', `/v1/models/${id}`);

  async function settled(id: string): Promise<Awaited<ReturnType<typeof get>>> {
    for (;;) {
      const answer = await get(id);
      if (answer.body.state !== 'downloading') return answer;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Why a download fails: at once as 503, or, on a machine too busy to fail within a second, a little later. */
  async function refusal(id: string): Promise<string> {
    const { status, body } = await post(id);
    if (status === 200) return (await settled(id)).body.reason as string;
    expect([status, body.error.code]).toEqual([503, 'MODEL_NOT_AVAILABLE']);
    return body.error.message as string;
  }

  it('lists what can be downloaded beside what is here', async () => {
    const { body } = await service.get('/v1/models');
    const states = Object.fromEntries(
      (body.models as { model_id: string; state: string }[]).map(({ model_id: id, state }) => [id, state]),
    );
    expect(states).toMatchObject({
      'all-MiniLM-L6-v2': 'loaded',
      'all-mpnet-base-v2': 'available',
      'bge-large-en-v1.5': 'available',
      tiny: 'available',
    });
  });

  it('says of a model that is not here how to get it', async () => {
    const { status, body } = await service.post('/v1/embeddings', { texts: ['x'], model: 'tiny' });
    expect([status, body.error.code]).toEqual([503, 'MODEL_NOT_AVAILABLE']);
    expect(body.error.message).toContain('POST /v1/models/tiny/download');
  });

  it('downloads once, tells how far it is to whoever asks, and serves', async () => {
    hub.trouble(GRAPH, { kind: 'trickle', bytes: Math.ceil(graph.length / 30), pauseMs: 200 });
    const first = await post('tiny');
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ status: 'downloading' });
    await until(async () => (await get('tiny')).body.estimated_time_remaining_ms > 0);
    const second = await post('test-owner%2Ftiny-model');
    expect(second.body).toMatchObject({ status: 'downloading', progress: expect.any(Number) as number });
    expect(second.body.estimated_time_remaining_ms).toBeGreaterThan(0);
    expect((await get('test-owner/tiny-model')).body).toMatchObject({ model_id: 'tiny', state: 'downloading' });
    expect((await settled('tiny')).body).toMatchObject({ state: 'ready', progress: 1, estimated_time_remaining_ms: 0 });
    expect(hub.gets(GRAPH)).toHaveLength(1);

    const [vector] = await service.embed(['hello'], { model: 'tiny' });
    expect(vector).toHaveLength(64);
    expect((await get('tiny')).body).toMatchObject({ state: 'loaded' });
    expect((await post('tiny')).body).toEqual({ status: 'ready', progress: 1, estimated_time_remaining_ms: 0 });
    const byRepository = await service.embed(['hello'], { model: 'test-owner/tiny-model' });
    expect(cosine(byRepository[0] ?? [], vector ?? [])).toBeGreaterThan(0.9999999);
  });

  it('takes a downloaded model off the disk, and it can be had again', async () => {
    expect((await remove('tiny')).body).toMatchObject({ status: 'available', progress: 0 });
    expect((await service.post('/v1/embeddings', { texts: ['x'], model: 'tiny' })).status).toBe(503);
    expect(readdirSync(join(root, 'store', 'models'))).toEqual([]);
    await post('tiny');
    expect((await settled('tiny')).body.state).toBe('ready');
  });

  it('never fails a request that runs while its model is removed', async () => {
    await service.embed(['warm'], { model: 'tiny' });
    const texts = Array.from({ length: 200 }, (_, i) => `text ${i}`);
    const running = service.post('/v1/embeddings', { texts, model: 'tiny' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const [answer, removed] = await Promise.all([running, remove('tiny')]);
    expect(answer.status).toBe(200);
    expect(answer.body.embeddings).toHaveLength(200);
    expect(removed.body.status).toBe('available');
  });

  it('cancels a download', async () => {
    hub.trouble(GRAPH, { kind: 'trickle', bytes: 10_000, pauseMs: 100 });
    expect((await post('tiny')).body.status).toBe('downloading');
    expect((await remove('tiny')).body.status).toBe('available');
    expect(readdirSync(join(root, 'store', 'partial'))).toEqual([]);
  });

  it('answers 503 for a file that is not the pinned one, and keeps the reason', async () => {
    expect(await refusal('mispinned')).toContain('it was not downloaded');
    expect((await get('mispinned')).body).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('it was not downloaded') as string,
    });
  });

  it('does not serve files that contradict the catalogue', async () => {
    await post('contradicted');
    expect((await settled('contradicted')).body).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('cls pooling') as string,
    });
  });

  it('does not remove what it did not download', async () => {
    const { status, body } = await remove('all-MiniLM-L6-v2');
    expect([status, body.error.code]).toEqual([400, 'INVALID_ARGUMENT']);
    expect((await get('all-MiniLM-L6-v2')).body.state).toBe('loaded');
  });

  it.each(['nothing', 'no-owner/nothing', 'no-owner%2Fnothing'])('answers 404 for %s', async (id) => {
    for (const answer of [await get(id), await post(id), await remove(id)]) {
      expect([answer.status, answer.body.error.code]).toEqual([404, 'MODEL_NOT_FOUND']);
    }
  });

  it.each([
    '..%2f..%2f..%2fetc%2fpasswd',
    '../own',
    '%2e%2e/own',
    '..%2Fown',
    '%2Fetc%2Fpasswd',
    'tiny%00',
    '%00',
    '..%5C..%5Cown',
    'tiny%2F..%2F..%2F..%2Fown',
    '%252e%252e%252fown',
    'test-owner%2F..',
    '..',
  ])('reaches no file outside the store with the id %s', async (id) => {
    for (const answer of [await remove(id), await post(id), await get(id)]) {
      expect([400, 404, 405]).toContain(answer.status);
      expect(answer.body.error.message).not.toContain(root);
    }
    expect(existsSync(join(root, 'own'))).toBe(true);
    expect(existsSync(join(root, 'catalogue.json'))).toBe(true);
  });

  it('keeps serving what is shipped when there is no network', async () => {
    await hub.close();
    expect(await refusal('bge-small-en-v1.5')).toMatch(/cannot be reached.*network/);
    expect(await service.embed(['still here'])).toHaveLength(1);
    expect((await service.get('/v1/health')).body.status).not.toBe('unhealthy');
  });
});

describe('a folder that cannot be honored', () => {
  let root: string;
  let service: Service;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'folders-'));
    const place = (name: string, changes: Record<string, unknown>) => {
      for (const [path, content] of filesOf('bert-cls')) {
        const target = join(root, name, path);
        mkdirSync(join(target, '..'), { recursive: true });
        const change = changes[path];
        if (change !== null) writeFileSync(target, change === undefined ? content : JSON.stringify(change));
      }
    };
    const chain = (...types: string[]) =>
      types.map((type, idx) => ({
        idx,
        name: String(idx),
        path: idx === 0 ? '' : `${idx}_${type}`,
        type: `st.models.${type}`,
      }));
    place('dense', { 'modules.json': chain('Transformer', 'Pooling', 'Dense') });
    place('max', { '1_Pooling/config.json': { pooling_mode_max_tokens: true } });
    place('two-modes', { '1_Pooling/config.json': { pooling_mode_cls_token: true, pooling_mode_mean_tokens: true } });
    place('lower', { 'sentence_bert_config.json': { max_seq_length: 48, do_lower_case: true }, 'tokenizer.json': {} });
    place('no-tokenizer', { 'tokenizer.json': null });
    place('escape', {
      'modules.json': [
        { path: '../..', type: 'Transformer' },
        { path: '1_Pooling', type: 'Pooling' },
      ],
    });
    place('broken', {});
    writeFileSync(join(root, 'broken', GRAPH), 'not a graph');
    place('organization/older', {
      '1_Pooling/config.json': { word_embedding_dimension: 64, pooling_mode_cls_token: true },
      'sentence_bert_config.json': { max_seq_length: 16, do_lower_case: false },
    });
    service = await Service.start({ SUTRA_MODELS_DIR: root });
  });
  afterAll(async () => {
    await service.close();
    await rm(root, { recursive: true });
  });

  it.each([
    ['dense', /modules\.json has Dense/],
    ['max', /pooling is max/],
    ['two-modes', /cls with mean/],
    ['lower', /do_lower_case/],
    ['no-tokenizer', /no tokenizer\.json/],
    ['escape', /leads out of the folder/],
  ])('%s is refused with the reason', async (model, reason) => {
    const { status, body } = await service.post('/v1/embeddings', { texts: ['x'], model });
    expect([status, body.error.code]).toEqual([503, 'MODEL_NOT_AVAILABLE']);
    expect(body.error.message).toMatch(reason);
  });

  it('makes health degraded, not unhealthy, when its graph does not load, and comes back by itself', async () => {
    const health = async () => (await service.get('/v1/health')).body.status as string;
    const { status, body } = await service.post('/v1/embeddings', { texts: ['x'], model: 'broken' });
    expect([status, body.error.code]).toEqual([503, 'BACKEND_UNAVAILABLE']);
    expect(body.error.message).not.toContain(root);
    expect((await service.get('/v1/models/broken')).body).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('model.onnx') as string,
    });
    expect(await health()).toBe('degraded');
    expect(await service.embed(['the others serve'])).toHaveLength(1);
    writeFileSync(join(root, 'broken', GRAPH), filesOf('bert-cls').get(GRAPH) as Buffer);
    while ((await service.get('/v1/models/broken')).body.state !== 'loaded') {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await health()).toBe('healthy');
    expect(await service.embed(['x'], { model: 'broken' })).toHaveLength(1);
  });

  it('reads the older form of the files, in a folder of an organization', async () => {
    const { body } = await service.post('/v1/embeddings', {
      texts: ['one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen'],
      model: 'organization/older',
    });
    expect(body.metadata.usage.tokens).toBe(16);
    expect(body.metadata.truncated).toEqual([0]);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
