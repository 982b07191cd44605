import { Service } from './service';

interface Described {
  readonly summary?: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}

describe('the other routes', () => {
  let service: Service;
  beforeAll(async () => void (service = await Service.start()));
  afterAll(() => service.close());

  describe('GET /v1/models', () => {
    const ids = async (query = '') => {
      const { body } = await service.get(`/v1/models${query}`);
      expect(body.total_count).toBe(body.models.length);
      return (body.models as { model_id: string }[]).map(({ model_id }) => model_id);
    };

    it('lists what is here', async () => {
      expect(await ids()).toContain('all-MiniLM-L6-v2');
    });

    it('answers an id that is longer than any in the usual envelope', async () => {
      const { status, body } = await service.get(`/v1/models/${'x'.repeat(5000)}`);
      expect([status, body.error.code]).toEqual([404, 'MODEL_NOT_FOUND']);
    });

    it('filters by dimensions: native and reduced count, expanded does not', async () => {
      expect(await ids('?dimensions=384')).toContain('all-MiniLM-L6-v2');
      expect(await ids('?dimensions=100')).toContain('all-MiniLM-L6-v2');
      expect(await ids('?dimensions=385')).not.toContain('all-MiniLM-L6-v2');
    });

    it('filters by hardware profile', async () => {
      expect(await ids('?hardware_profile=minimal')).toContain('all-MiniLM-L6-v2');
    });

    it.each([['?dimensions=63'], ['?dimensions=x'], ['?hardware_profile=phone'], ['?colour=red']])(
      'refuses %s',
      async (query) => {
        expect((await service.get(`/v1/models${query}`)).status).toBe(400);
      },
    );
  });

  describe('POST /v1/models/:id/download', () => {
    it('reports a model that ships as ready', async () => {
      const { status, body } = await service.inject('POST', '/v1/models/all-MiniLM-L6-v2/download');
      expect(status).toBe(200);
      expect(body).toEqual({ status: 'ready', progress: 1, estimated_time_remaining_ms: 0 });
    });

    it('takes an empty body under a content type, as some clients send it', async () => {
      const { status, body } = await service.post('/v1/models/all-MiniLM-L6-v2/download', '');
      expect(status).toBe(200);
      expect(body.status).toBe('ready');
    });

    it.each([['nobody-knows-this'], ['..%2f..%2fetc%2fpasswd'], ['%00']])('knows no model %s', async (id) => {
      expect((await service.inject('POST', `/v1/models/${id}/download`)).status).toBe(404);
    });
  });

  describe('GET /v1/health', () => {
    it('is exactly a HealthResponse', async () => {
      await service.embed(['count me']);
      const { status, body, headers } = await service.get('/v1/health');
      expect(status).toBe(200);
      expect(body).toEqual({
        status: 'healthy',
        timestamp: expect.any(String),
        version: '1.0.0',
        checks: { models_available: true, gpu_accessible: false, model_cache_healthy: true },
        performance: { avg_latency_ms: expect.any(Number), requests_per_second: expect.any(Number) },
      });
      expect(body.performance.avg_latency_ms).toBeGreaterThan(0);
      expect(Number(headers['age'])).toBeLessThan(60);
    });

    it('answers liveness and readiness', async () => {
      expect((await service.get('/livez')).status).toBe(200);
      expect((await service.get('/readyz')).status).toBe(200);
    });
  });

  it('GET /v1/metrics counts requests, texts, tokens and failures', async () => {
    const value = async (name: string) => {
      const { text } = await service.get('/v1/metrics');
      return Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1] ?? 0);
    };
    const names = [
      'embedding_requests_total{status="success"}',
      'sutra_texts_total',
      'sutra_tokens_total',
      'embedding_request_duration_seconds_count',
      'embedding_requests_total{status="model_not_found"}',
    ];
    const before = await Promise.all(names.map(value));
    await service.embed(['one', 'two']);
    await service.post('/v1/embeddings', { texts: ['x'], model: 'nobody' });
    const after = await Promise.all(names.map(value));
    expect(after.map((count, i) => count - (before[i] ?? 0))).toEqual([1, 2, 6, 1, 1]);
  });

  describe('/docs', () => {
    it('describes the DTOs as the specification names them', async () => {
      const { body } = await service.get('/docs-json');
      expect(body.openapi).toMatch(/^3\./);
      expect(body.paths['/v1/embeddings'].post.requestBody.content['application/json'].schema.$ref).toBe(
        '#/components/schemas/EmbeddingRequest',
      );
      const { EmbeddingRequest, EmbeddingConfig, ErrorResponse } = body.components.schemas;
      expect(EmbeddingRequest.required).toEqual(['texts']);
      expect(EmbeddingRequest.properties.texts).toMatchObject({ type: 'array', minItems: 1, maxItems: 1000 });
      expect(EmbeddingRequest.properties.dimensions).toMatchObject({ type: 'integer', minimum: 64, maximum: 4096 });
      expect(EmbeddingConfig.properties.quantization.enum).toEqual(['none', 'int8', 'int4', 'binary']);
      expect(EmbeddingConfig.properties.batch_size).toMatchObject({ minimum: 1, maximum: 256 });
      expect(ErrorResponse.required).toEqual(['error']);
    });

    it('lists what it describes, with every parameter of its path', async () => {
      const paths = (await service.get('/docs-json')).body.paths as Record<string, Record<string, Described>>;
      const operations = Object.entries(paths).flatMap(([path, methods]) =>
        Object.values(methods).map((operation) => ({ path, ...operation })),
      );
      expect(Object.keys(paths)).toEqual(
        expect.arrayContaining(['/v1/system', '/v1/models/{organization}/{model_id}']),
      );
      expect(Object.keys(paths)).not.toContain('/api/embed');
      for (const { path, summary, parameters } of operations) {
        const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
        expect([path, named, Boolean(summary)]).toEqual([path, path.match(/\{\w+\}/g) ?? [], true]);
      }
    });

    it('lets the page run its own scripts only, and nobody frame it', async () => {
      const { headers, text } = await service.get('/docs');
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self';");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(text).not.toMatch(/<script(?![^>]* src=)|<style| on\w+=/);
    });

    it('serves a page and its files', async () => {
      expect((await service.get('/docs')).text).toContain('swagger-ui');
      for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'start.js'])
        expect((await service.get(`/docs/${file}`)).status).toBe(200);
      expect((await service.get('/docs/package.json')).status).toBe(404);
    });
  });
});
