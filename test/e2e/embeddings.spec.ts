import { cosine } from '../golden/cosine';
import { Service } from './service';

describe('POST /v1/embeddings', () => {
  let service: Service;
  beforeAll(async () => void (service = await Service.start()));
  afterAll(() => service.close());

  const post = (body: unknown, headers?: Record<string, string>) => service.post('/v1/embeddings', body, headers);
  const LONG = 'river '.repeat(400).trim();

  describe('answers with every field of the specification', () => {
    it('and nothing invented', async () => {
      const { status, body } = await post({ texts: ['one', 'two'] });
      expect(status).toBe(200);
      expect(body.embeddings).toHaveLength(2);
      expect(body.embeddings[0]).toHaveLength(384);
      expect(body.model_info).toEqual({
        model_id: 'all-MiniLM-L6-v2',
        name: 'All MiniLM L6 v2',
        dimensions: 384,
        native_dimensions: 384,
        quality_score: 56.26,
        size_mb: expect.any(Number),
      });
      expect(body.performance).toEqual({
        latency_ms: expect.any(Number),
        throughput_emb_per_sec: expect.any(Number),
        memory_usage_mb: expect.any(Number),
        timings_ms: {
          tokenize: expect.any(Number),
          queue: expect.any(Number),
          infer: expect.any(Number),
          post_process: expect.any(Number),
        },
      });
      expect(body.metadata).toEqual({
        request_id: expect.stringMatching(/^req_/),
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        hardware_profile: expect.stringMatching(/^(minimal|low|medium|high|extreme)$/),
        backend: 'onnx-cpu',
        precision: expect.stringMatching(/^(fp32|int8)$/),
        dimension_strategy: 'native',
        quantization: { scheme: 'int8', bytes_per_embedding: 384 },
        encoding_format: 'float',
        usage: { tokens: 6 },
        truncated: [],
        notes: [],
      });
    });

    it('and figures that are true', async () => {
      const before = performance.now();
      const { body } = await post({ texts: Array.from({ length: 20 }, (_, i) => `text number ${i}`) });
      const elapsed = performance.now() - before;
      const { latency_ms, throughput_emb_per_sec, memory_usage_mb } = body.performance;
      expect(latency_ms).toBeLessThanOrEqual(elapsed);
      expect(throughput_emb_per_sec).toBeCloseTo(20_000 / latency_ms, 0);
      expect(memory_usage_mb).toBeLessThanOrEqual(process.resourceUsage().maxRSS / 1000 + 100);
      expect(Math.abs(Date.now() - Date.parse(body.metadata.timestamp as string))).toBeLessThan(60_000);
    });
  });

  describe('lets every field take effect', () => {
    it('model: an id runs exactly, in fp32 and uncoded', async () => {
      const { body } = await post({ texts: ['x'], model: 'all-MiniLM-L6-v2' });
      expect(body.metadata.precision).toBe('fp32');
      expect(body.metadata.quantization.scheme).toBe('none');
    });

    it('model: custom resolves to a ready model and says which', async () => {
      const { body } = await post({ texts: ['x'], model: 'custom', config: { hardware_profile: 'server' } });
      expect(body.model_info.model_id).toBe('all-MiniLM-L6-v2');
      expect(body.metadata.notes.join()).toContain('custom was resolved to all-MiniLM-L6-v2');
    });

    it('config.quantization: int8 gives at most 255 distinct values, none more', async () => {
      const distinct = async (quantization: string) => {
        const { body } = await post({ texts: ['a sentence of some length'], config: { quantization } });
        return new Set(body.embeddings[0] as number[]).size;
      };
      expect(await distinct('int8')).toBeLessThanOrEqual(255);
      expect(await distinct('none')).toBeGreaterThan(255);
    });

    it('config.use_fp16: noted where the device computes in another precision', async () => {
      expect((await post({ texts: ['x'], config: { use_fp16: true } })).body.metadata.notes.join()).toContain(
        'use_fp16',
      );
      expect((await post({ texts: ['x'], config: { use_fp16: false } })).body.metadata.notes).toEqual([]);
    });

    it('config.batch_size: no batch holds more texts', async () => {
      const rows = async (batch_size?: number) => {
        const before = await batches(service);
        await post({
          texts: Array.from({ length: 12 }, (_, i) => `same length here ${i % 10}${i % 7}`),
          config: { ...(batch_size && { batch_size }) },
        });
        return (await batches(service)) - before;
      };
      expect(await rows(1)).toBe(12);
      expect(await rows()).toBeLessThan(12);
    });

    it('config.hardware_profile: the applied one is reported', async () => {
      const { body } = await post({ texts: ['x'], config: { hardware_profile: 'server' } });
      expect(body.metadata.hardware_profile).toBe('server');
    });

    it('truncate: end keeps the beginning, start the end, none refuses', async () => {
      const text = `apple ${LONG} banana`;
      const [whole, end, start] = await Promise.all(
        ['end', 'end', 'start'].map(
          async (truncate, i) => (await service.embed([i === 0 ? `apple ${LONG}` : text], { truncate }))[0],
        ),
      );
      expect(end).toEqual(whole);
      expect(start).not.toEqual(end);
      const refused = await post({ texts: ['fine', text], truncate: 'none' });
      expect(refused.status).toBe(400);
      expect(refused.body.error).toMatchObject({
        code: 'INVALID_ARGUMENT',
        details: { field: 'texts[1]', max_tokens: 256 },
      });
    });

    it('texts over 256 tokens are reported by index', async () => {
      const { body } = await post({ texts: ['short', LONG, 'short', LONG] });
      expect(body.metadata.truncated).toEqual([1, 3]);
      expect(body.metadata.usage.tokens).toBe(256 + 256 + 3 + 3);
    });

    it('input_type: query and passage are taken by a model without prompts, others are refused', async () => {
      expect((await post({ texts: ['x'], input_type: 'query' })).status).toBe(200);
      expect((await post({ texts: ['x'], input_type: 'poem' })).body.error.details.field).toBe('input_type');
    });

    it('encoding_format: base64 and packed', async () => {
      const { body } = await post({ texts: ['x'], encoding_format: 'packed' });
      const codes = new Int8Array(Buffer.from(body.embeddings[0] as string, 'base64'));
      const [scale] = body.metadata.quantization.scales as number[];
      const [decoded] = await service.embed(['x']);
      expect(Float32Array.from(codes, (code) => Math.fround(code * Math.fround(scale ?? 0)))).toEqual(decoded);
      const refused = await post({ texts: ['x'], encoding_format: 'packed', config: { quantization: 'none' } });
      expect(refused.body.error).toMatchObject({ code: 'INVALID_ARGUMENT', details: { field: 'encoding_format' } });
    });

    it('X-Request-Id: honored and returned', async () => {
      const { body, headers } = await post({ texts: ['x'] }, { 'x-request-id': 'mine-42' });
      expect(body.metadata.request_id).toBe('mine-42');
      expect(headers['x-request-id']).toBe('mine-42');
      const strange = await post({ texts: ['x'] }, { 'x-request-id': 'not an id' });
      expect(strange.headers['x-request-id']).toMatch(/^req_/);
    });
  });

  it('embeds an empty string as the reference does, as [CLS][SEP]', async () => {
    const { body } = await post({ texts: ['', 'x'] });
    expect(body.metadata.usage.tokens).toBe(5);
    const [empty, x] = body.embeddings as number[][];
    expect(cosine(empty ?? [], x ?? [])).toBeLessThan(0.9);
  });

  it('takes 1,000 texts', async () => {
    const vectors = await service.embed(Array.from({ length: 1000 }, (_, i) => `number ${i}`));
    expect(vectors).toHaveLength(1000);
  });

  describe('refuses what it cannot serve, names the field, and goes on', () => {
    it.each([
      ['no texts', {}, 'texts'],
      ['an empty list', { texts: [] }, 'texts'],
      ['1,001 texts', { texts: Array.from({ length: 1001 }, () => 'x') }, 'texts'],
      ['a text that is no string', { texts: ['x', 5] }, 'texts'],
      ['texts that are no list', { texts: 'x' }, 'texts'],
      ['a null list', { texts: null }, 'texts'],
      ['an unknown field', { texts: ['x'], extra: 1 }, 'extra'],
      ['an unknown field in config', { texts: ['x'], config: { extra: 1 } }, 'config.extra'],
      ['a config that is no object', { texts: ['x'], config: 'fast' }, 'config'],
      ['an unknown quantization', { texts: ['x'], config: { quantization: 'int2' } }, 'config.quantization'],
      ['a batch size of 0', { texts: ['x'], config: { batch_size: 0 } }, 'config.batch_size'],
      ['a batch size of 257', { texts: ['x'], config: { batch_size: 257 } }, 'config.batch_size'],
      ['a null field', { texts: ['x'], model: null }, 'model'],
      ['a lone surrogate', '{"texts":["fine","\\ud800"]}', 'texts[1]'],
      ['a profile nobody knows', { texts: ['x'], config: { hardware_profile: 'phone' } }, 'config.hardware_profile'],
    ])('%s', async (_name, body, field) => {
      const answer = await post(body);
      expect(answer.status).toBe(400);
      expect(answer.body.error).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(field.replace(/\[.*/, '')),
        details: { field },
        request_id: answer.headers['x-request-id'],
      });
    });

    it.each([[63], [4097], [384.5], ['384'], [-1], [null]])('dimensions %p', async (dimensions) => {
      const { status, body } = await post({ texts: ['x'], dimensions });
      expect(status).toBe(400);
      expect(body.error).toMatchObject({
        code: 'INVALID_DIMENSIONS',
        details: { field: 'dimensions', min_supported: 64, max_supported: 4096 },
      });
    });

    it('an unknown model', async () => {
      const { status, body } = await post({ texts: ['x'], model: 'gpt-7' });
      expect(status).toBe(404);
      expect(body.error).toMatchObject({ code: 'MODEL_NOT_FOUND', details: { field: 'model' } });
      expect(body.error.message).toContain('all-MiniLM-L6-v2');
    });

    it.each([['high-quality', 'all-mpnet-base-v2']])('the preset %s while its model is not here', async (model, id) => {
      const { status, body } = await post({ texts: ['x'], model });
      expect(status).toBe(503);
      expect(body.error).toMatchObject({ code: 'MODEL_NOT_AVAILABLE', message: expect.stringContaining(id) });
    });

    it.each([
      ['broken JSON', '{"texts": ["x"', {}, 400, 'INVALID_ARGUMENT'],
      ['no body', '', {}, 400, 'INVALID_ARGUMENT'],
      ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), {}, 400, 'INVALID_ARGUMENT'],
      ['a list as the body', '[]', {}, 400, 'INVALID_ARGUMENT'],
      ['a prototype in the body', '{"texts":["x"],"__proto__":{"a":1}}', {}, 400, 'INVALID_ARGUMENT'],
      ['a wrong content type', '{"texts":["x"]}', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
      ['a body of 20 MB', JSON.stringify({ texts: ['x'.repeat(20_000_000)] }), {}, 413, 'PAYLOAD_TOO_LARGE'],
    ])('%s', async (_name, body, headers, status, code) => {
      const answer = await post(body, headers as Record<string, string>);
      expect(answer.status).toBe(status);
      expect(answer.body.error.code).toBe(code);
      expect(answer.text).not.toContain(__dirname);
    });

    it('a path and a method that are not there', async () => {
      expect((await service.get('/v1/nothing')).body.error.code).toBe('NOT_FOUND');
      const wrong = await service.inject('DELETE', '/v1/embeddings');
      expect(wrong.status).toBe(405);
      expect(wrong.headers['allow']).toBe('POST');
      expect(wrong.body.error.code).toBe('METHOD_NOT_ALLOWED');
    });

    afterAll(async () => {
      expect((await post({ texts: ['still here'] })).status).toBe(200);
    });
  });
});

async function batches(service: Service): Promise<number> {
  const { text } = await service.get('/v1/metrics');
  return [...text.matchAll(/^sutra_batch_tokens_count\{.*\} (\d+)$/gm)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );
}
