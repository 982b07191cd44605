import { EmbeddingService } from '@sutra-embedder/engine';
import { Service } from './service';

const TEXTS = Array.from({ length: 40 }, (_, i) => `sentence number ${i % 10} of a few that repeat`);

async function reused(service: Service): Promise<Record<string, number>> {
  const { text } = await service.get('/v1/metrics');
  const counts = [...text.matchAll(/^sutra_texts_reused_total\{how="(\w+)"\} (\d+)$/gm)];
  return Object.fromEntries(counts.map(([, how, count]) => [how, Number(count)]));
}

describe('equal texts', () => {
  let service: Service;
  let alone: Float32Array[];
  beforeAll(async () => {
    service = await Service.start();
    alone = [];
    for (const text of TEXTS.slice(0, 10)) alone.push(...(await service.embed([text])));
  });
  afterAll(() => service.close());

  it('of one request are computed once, and all get the bits of a lone text', async () => {
    const vectors = await service.embed(TEXTS);
    vectors.forEach((vector, i) => expect(vector).toEqual(alone[i % 10]));
    expect((await reused(service))['joined']).toBe(30);
  });

  it('of requests at the same time are computed once', async () => {
    const before = (await reused(service))['joined'] ?? 0;
    const answers = await Promise.all(Array.from({ length: 16 }, () => service.embed([TEXTS[0] as string])));
    for (const [vector] of answers) expect(vector).toEqual(alone[0]);
    expect((await reused(service))['joined']).toBeGreaterThan(before);
  });

  it('are not mixed up between presets, sizes and codes', async () => {
    const shapes = [{}, { dimensions: 128 }, { model: 'all-MiniLM-L6-v2' }, { config: { quantization: 'binary' } }];
    const one = await Promise.all(shapes.map((shape) => service.embed([TEXTS[1] as string], shape)));
    const many = await Promise.all([...shapes, ...shapes].map((shape) => service.embed([TEXTS[1] as string], shape)));
    many.forEach((vectors, i) => expect(vectors).toEqual(one[i % shapes.length]));
    expect(new Set(one.map(([vector]) => `${vector?.length} ${vector?.[0]}`)).size).toBe(shapes.length);
  });

  it('still come when the one that is being computed is given up', async () => {
    const embeddings = service.app.get(EmbeddingService);
    const busy = service.embed(
      Array.from({ length: 64 }, (_, i) => `work that keeps the sessions busy ${i} `.repeat(20)),
    );
    const gone = new AbortController();
    const first = embeddings.embed({ texts: ['given up by one, wanted by another'] }, gone.signal);
    const second = embeddings.embed({ texts: ['given up by one, wanted by another'] });
    await new Promise(setImmediate);
    gone.abort();
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
    const [vector] = await service.embed(['given up by one, wanted by another']);
    expect((await second).items[0]?.values).toEqual(vector);
    await busy;
  });

  it("are each caller's own to change", async () => {
    const embeddings = service.app.get(EmbeddingService);
    const request = { texts: ['twice', 'twice'], model: 'all-MiniLM-L6-v2' };
    const { items } = await embeddings.embed(request);
    items[0]?.values.fill(0);
    expect(items[1]?.values.some((value) => value !== 0)).toBe(true);
  });
});

describe('the result cache', () => {
  let service: Service;
  beforeAll(async () => void (service = await Service.start({ SUTRA_CACHE_MB: '1' })));
  afterAll(() => service.close());

  it('gives the bits of a fresh vector, whatever size or code is asked for', async () => {
    const fresh = await Service.start();
    for (const shape of [{}, { dimensions: 64 }, { dimensions: 1024 }, { config: { quantization: 'int4' } }]) {
      const wanted = await fresh.embed(TEXTS.slice(0, 10), shape);
      expect(await service.embed(TEXTS.slice(0, 10), shape)).toEqual(wanted);
      expect(await service.embed(TEXTS.slice(0, 10), shape)).toEqual(wanted);
    }
    await fresh.close();
    expect((await reused(service))['cached']).toBe(70);
  });

  it('never answers for another model or precision', async () => {
    const [int8] = await service.embed(['which one'], { config: { quantization: 'none' } });
    const [fp32] = await service.embed(['which one'], { model: 'all-MiniLM-L6-v2' });
    expect((await service.embed(['which one'], { config: { quantization: 'none' } }))[0]).toEqual(int8);
    expect((await service.embed(['which one'], { model: 'all-MiniLM-L6-v2' }))[0]).toEqual(fp32);
  });

  it('is not changed by what a caller does with its vector', async () => {
    const embeddings = service.app.get(EmbeddingService);
    const request = { texts: ['mine to keep'], model: 'all-MiniLM-L6-v2' };
    const first = (await embeddings.embed(request)).items[0]?.values;
    const kept = first?.slice();
    first?.fill(0);
    (await embeddings.embed(request)).items[0]?.values.fill(1);
    expect((await embeddings.embed(request)).items[0]?.values).toEqual(kept);
  });
});
