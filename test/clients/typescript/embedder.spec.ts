import {
  ConnectionError,
  cosineSimilarity,
  dequantize,
  findMostSimilar,
  hamming,
  InvalidArgumentError,
  InvalidDimensionsError,
  ModelNotFoundError,
  SutraEmbedder,
  type StreamSummary,
} from '@sutra-embedder/client';
import { RealServer } from './real-server';

const TEXTS = [
  'A cat sleeps on the sofa',
  'A kitten naps on the couch',
  'Quarterly revenue rose by a tenth',
  'naïve café 東京 😀',
];

describe('SutraEmbedder against the running server', () => {
  let server: RealServer;
  let client: SutraEmbedder;
  beforeAll(async () => {
    server = await RealServer.start();
    client = new SutraEmbedder({ baseUrl: server.url });
  });
  afterAll(() => server.stop());

  it('embeds: float and base64 are the same bits, and mean what they should', async () => {
    const [base64, float] = [await client.embed(TEXTS), await client.embed(TEXTS, { encoding_format: 'float' })];
    expect(base64.embeddings).toEqual(float.embeddings);
    expect(base64.embeddings[0]).toBeInstanceOf(Float32Array);
    expect(base64.model_info).toMatchObject({ model_id: 'all-MiniLM-L6-v2', dimensions: 384 });
    const [cat, ...others] = base64.embeddings as Float32Array[];
    expect(findMostSimilar(cat as Float32Array, others, 1)[0]?.index).toBe(0);
    expect((await client.embed('A cat sleeps on the sofa')).embeddings[0]).toEqual(cat);
  });

  it.each(['int8', 'int4'] as const)('packed %s decodes to the bits of base64', async (quantization) => {
    const params = { config: { quantization }, dimensions: 101 };
    const packed = await client.embed(TEXTS, { ...params, encoding_format: 'packed' });
    const { embeddings } = await client.embed(TEXTS, params);
    const { scales = [] } = packed.metadata.quantization;
    const decoded = packed.embeddings.map((codes, i) => dequantize(codes as Int8Array, scales[i] as number));
    expect(decoded).toEqual(embeddings);
  });

  it('packed binary decodes to the bits of base64, and its hamming distance is the cosine', async () => {
    const params = { config: { quantization: 'binary' }, dimensions: 256 } as const;
    const packed = await client.embed(TEXTS, { ...params, encoding_format: 'packed' });
    const { embeddings } = await client.embed(TEXTS, params);
    const bits = packed.embeddings as Uint8Array[];
    expect(bits.map((codes) => dequantize(codes, 256))).toEqual(embeddings);
    const [a, b] = bits as [Uint8Array, Uint8Array];
    const cosine = cosineSimilarity(embeddings[0] as Float32Array, embeddings[1] as Float32Array);
    expect(1 - (2 * hamming(a, b)) / 256).toBeCloseTo(cosine, 6);
  });

  it('embedMany: many requests, one order, the same bits as one request', async () => {
    const texts = Array.from({ length: 103 }, (_, i) => `number ${i}`);
    const whole = await client.embed(texts);
    const many = client.embedMany(texts, {}, { textsPerRequest: 10, concurrency: 3 });
    expect(await many.all()).toEqual(whole.embeddings);
    expect(many.progress).toEqual({ done: 103, total: 103, requests: 11, retries: 0 });
    let next = 0;
    async function* source() {
      yield* texts;
    }
    for await (const { index, text, embedding } of client.embedMany(source(), {}, { textsPerRequest: 25 })) {
      expect([index, text]).toEqual([next, texts[next]]);
      expect(embedding).toEqual(whole.embeddings[next++]);
    }
    expect(next).toBe(103);
  });

  it.each(['ndjson', 'sse'] as const)('embedStream over %s: each once, the same bits, also packed', async (form) => {
    const texts = Array.from({ length: 60 }, (_, i) => `number ${i}`);
    const whole = await client.embed(texts);
    const summaries: StreamSummary[] = [];
    const vectors: Float32Array[] = [];
    for await (const { index, embedding } of client.embedStream(
      texts,
      {},
      { form, onSummary: (s) => summaries.push(s) },
    )) {
      expect(vectors[index]).toBeUndefined();
      vectors[index] = embedding;
    }
    expect(vectors).toEqual(whole.embeddings);
    expect(summaries).toMatchObject([{ chunks: 60, dimensions: 384 }]);
    for await (const { index, embedding, metadata } of client.embedStream(
      texts,
      { encoding_format: 'packed' },
      { form },
    )) {
      expect(dequantize(embedding as Int8Array, metadata.scale as number)).toEqual(vectors[index]);
    }
  });

  it('embedStream takes more texts than one stream does', async () => {
    const seen = new Set<number>();
    const texts = Array.from({ length: 1010 }, (_, i) => `${i}`);
    for await (const { index } of client.embedStream(texts)) seen.add(index);
    expect(seen.size).toBe(1010);
  });

  it('leaving a stream early costs the server no more than that', async () => {
    for await (const { index } of client.embedStream(TEXTS)) {
      expect(index).toBeLessThan(TEXTS.length);
      break;
    }
    expect((await client.health()).status).toBe('healthy');
  });

  it('lists models, reports health, and finds a shipped model downloaded', async () => {
    expect((await client.models({ dimensions: 384 })).map(({ model_id }) => model_id)).toContain('all-MiniLM-L6-v2');
    expect(await client.health()).toMatchObject({ status: 'healthy', version: '1.0.0' });
    expect(await client.downloadModel('all-MiniLM-L6-v2')).toMatchObject({ status: 'ready', progress: 1 });
  });

  it('throws typed errors that say which field is wrong', async () => {
    await expect(client.embed([])).rejects.toThrow(InvalidArgumentError);
    const error = await client.embed('x', { dimensions: 9000 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidDimensionsError);
    expect(error).toMatchObject({
      status: 400,
      details: { field: 'dimensions' },
      requestId: expect.stringMatching(/^req_/),
    });
    await expect(client.embed('x', { model: 'gpt-7' })).rejects.toThrow(ModelNotFoundError);
    await expect(client.downloadModel('no/such')).rejects.toThrow(ModelNotFoundError);
    await expect(async () => {
      for await (const _ of client.embedStream(['x'], { model: 'gpt-7' }));
    }).rejects.toThrow(ModelNotFoundError);
  });

  it('ends a request when its signal aborts', async () => {
    const texts = Array.from({ length: 1000 }, (_, i) => `${'word '.repeat(200)}${i}`);
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 100);
    await expect(client.embed(texts, {}, { signal: controller.signal })).rejects.toBe(reason);
  });

  it('says where it found no server', async () => {
    const nobody = new SutraEmbedder({ baseUrl: 'http://127.0.0.1:9', maxRetries: 0 });
    await expect(nobody.embed('x')).rejects.toThrow(ConnectionError);
    await expect(nobody.embed('x')).rejects.toThrow(/127\.0\.0\.1:9/);
  });

  it('a server that says what it is', async () => {
    const { headers } = await fetch(`${server.url}/v1/health`);
    expect(headers.get('x-sutra-version')).toBe('1.0.0');
  });
});
