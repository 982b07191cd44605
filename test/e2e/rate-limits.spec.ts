import type { AddressInfo } from 'node:net';
import { GrpcServer } from '../../apps/api/src/transports/grpc/grpc-server';
import { call, connect, detailsOf, type AnyClient } from './grpc-client';
import { RedisServer } from './redis';
import { Service } from './service';
import { WsClient } from './ws-client';

/** [CLS], the words, [SEP]. */
const words = (tokens: number) => Array.from({ length: tokens - 2 }, () => 'river').join(' ');
const post = (service: Service, body: object, headers: Record<string, string> = {}) =>
  service.post('/v1/embeddings', body, headers);

describe('rate limits', () => {
  let service: Service;
  afterEach(() => service.close());

  it('of requests: says what is left, then refuses, and leaves what is public alone', async () => {
    service = await Service.start({ SUTRA_RATE_REQUESTS_PER_MINUTE: '3' });
    for (const left of [2, 1, 0]) {
      const { status, headers } = await post(service, { texts: ['x'] });
      expect(status).toBe(200);
      expect(headers['ratelimit-policy']).toBe('"requests";q=3;w=60');
      expect(headers['ratelimit']).toMatch(new RegExp(`^"requests";r=${left};t=\\d+$`));
    }
    const { status, headers, body } = await post(service, { texts: ['x'] });
    expect(status).toBe(429);
    expect(headers['ratelimit']).toMatch(/^"requests";r=0;t=\d+$/);
    const wait = Number(headers['retry-after']);
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(60);
    expect(body.error).toMatchObject({
      code: 'RATE_LIMITED',
      details: { limit: 3, of: 'requests', by: 'key', window_seconds: 60 },
    });
    expect((await service.get('/v1/models')).status).toBe(429);
    expect((await service.get('/livez')).status).toBe(200);
    expect((await service.get('/v1/health')).status).toBe(200);
    expect((await service.get('/docs-json')).status).toBe(200);
    // A client of another API is told in that API's words.
    const other = await post(service, { input: 'x', model: 'efficient' });
    expect(other.status).toBe(429);
    expect(other.body.error).toMatchObject({ message: expect.any(String), type: expect.any(String) });
    expect(other.body.error).not.toHaveProperty('request_id');
  });

  it('of tokens: counts them as they are, refuses what does not fit before it is run, and takes what does', async () => {
    service = await Service.start({ SUTRA_RATE_TOKENS_PER_MINUTE: '100' });
    expect((await post(service, { texts: [words(40), words(40)] })).headers['ratelimit']).toMatch(/^"tokens";r=20;/);
    const before = await service.counter('sutra_tokens_total');
    const { status, body } = await post(service, { texts: [words(30)] });
    expect(status).toBe(429);
    expect(body.error).toMatchObject({ code: 'RATE_LIMITED', details: { limit: 100, of: 'tokens' } });
    expect(await service.counter('sutra_tokens_total')).toBe(before);
    // The refused ones do not count. Another product's API is charged to the same caller.
    expect((await post(service, { input: words(15), model: 'efficient' })).status).toBe(200);
    expect((await post(service, { input: words(15), model: 'efficient' })).status).toBe(429);
    const large = await post(service, { texts: [words(60), words(60)] });
    expect(large.status).toBe(413);
    expect(large.body.error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', details: { tokens: 120, limit: 100 } });
  });

  it.each([
    ['/v1/embeddings/stream', (text: string) => ({ texts: [text], config: {} })],
    ['/openai/v1/embeddings', (text: string) => ({ input: text, model: 'efficient' })],
    ['/embed', (text: string) => ({ inputs: text })],
    ['/v2/embed', (text: string) => ({ texts: [text], model: 'efficient', input_type: 'search_document' })],
    ['/api/embed', (text: string) => ({ input: text, model: 'efficient' })],
  ])('of tokens hold on %s', async (path, bodyOf) => {
    service = await Service.start({ SUTRA_RATE_TOKENS_PER_MINUTE: '100' });
    expect((await service.post(path, bodyOf(words(60)))).status).toBe(200);
    expect((await service.post(path, bodyOf(words(60)))).status).toBe(429);
    expect((await service.post(path, bodyOf(words(30)))).status).toBe(200);
  });

  it('of an address: believed from a stated proxy only, and looked at before any key', async () => {
    service = await Service.start({
      SUTRA_RATE_ADDRESS_REQUESTS_PER_MINUTE: '2',
      SUTRA_TRUSTED_PROXIES: '127.0.0.1',
    });
    const from = async (address: string) =>
      (await service.get('/v1/models', { 'x-forwarded-for': address, 'x-api-key': 'guess' })).status;
    expect([await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.1')]).toEqual([200, 200, 429]);
    expect(await from('192.0.2.2')).toBe(200);
    // One /64 is one caller.
    expect([await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8:0:0:9::3')]).toEqual([
      200, 200, 429,
    ]);
    expect(await from('2001:db8:0:1::1')).toBe(200);
    // What the caller wrote before the proxy's own entry is not looked at.
    expect(await from('192.0.2.77, 192.0.2.1')).toBe(429);
  });

  it('does not believe a header where no proxy is stated', async () => {
    service = await Service.start({ SUTRA_RATE_ADDRESS_REQUESTS_PER_MINUTE: '1' });
    const from = async (address: string) => (await service.get('/v1/models', { 'x-forwarded-for': address })).status;
    expect([await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([200, 429]);
  });

  describe('over the other transports', () => {
    let client: AnyClient;
    const listen = async (environment: Record<string, string>) => {
      service = await Service.start({ SUTRA_GRPC_PORT: '0', ...environment });
      await service.app.listen(0, '127.0.0.1');
      client = connect(await service.app.get(GrpcServer).listen());
    };
    afterEach(() => client.close());
    const failure = (promise: Promise<unknown>) =>
      promise.then(
        () => {
          throw new Error('It was not refused');
        },
        (error) => error,
      );

    it('answers RESOURCE_EXHAUSTED with RetryInfo over gRPC, and shares the count with REST', async () => {
      await listen({ SUTRA_RATE_REQUESTS_PER_MINUTE: '2' });
      await call(client, 'GenerateEmbeddings', { texts: ['x'] });
      expect((await post(service, { texts: ['x'] })).status).toBe(200);
      const error = await failure(call(client, 'GenerateEmbeddings', { texts: ['x'] }));
      expect(error.code).toBe(8);
      const details = detailsOf(error);
      expect(details['google.rpc.ErrorInfo'].reason).toBe('RATE_LIMITED');
      expect(details['google.rpc.RetryInfo'].retry_delay.seconds).toBeGreaterThan(0);
      await call(client, 'GetHealth', {});
    });

    it('refuses a chunk of a WebSocket with a time to wait, and the stream goes on', async () => {
      await listen({ SUTRA_RATE_TOKENS_PER_MINUTE: '50' });
      const ws = await WsClient.streaming(service);
      ws.send('add_chunk', { chunk_id: 'a', text: words(30) });
      await ws.chunk('a');
      ws.send('add_chunk', { chunk_id: 'b', text: words(30) });
      const { payload } = await ws.find(({ type }) => type === 'error');
      expect(payload).toMatchObject({
        error_code: 'RATE_LIMITED',
        chunk_id: 'b',
        retry_after_ms: expect.any(Number),
      });
      // Its id is free: a shorter text under it fits.
      ws.send('add_chunk', { chunk_id: 'b', text: words(15), is_final: true });
      expect((await ws.chunk('b')).payload.embedding).toHaveLength(384);
      await ws.summary();
      await ws.close();
    });

    it('ends a gRPC stream by name when its tokens are used up', async () => {
      await listen({ SUTRA_RATE_TOKENS_PER_MINUTE: '50' });
      const stream = client['StreamEmbeddings']?.({ texts: Array.from({ length: 9 }, () => words(20)), config: {} });
      const error = await failure(
        (async () => {
          for await (const message of stream) expect(message.embedding ?? message.chunk_id).toBeDefined();
        })(),
      );
      expect(error.code).toBe(8);
      expect(detailsOf(error)['google.rpc.ErrorInfo'].reason).toBe('RATE_LIMITED');
    });

    it('lets a page of a stated origin ask first without a count, and read what it may still send', async () => {
      await listen({ SUTRA_RATE_REQUESTS_PER_MINUTE: '1', SUTRA_CORS_ORIGINS: 'https://app.example.com' });
      const url = `http://127.0.0.1:${(service.app.getHttpServer().address() as AddressInfo).port}/v1/models`;
      const origin = { origin: 'https://app.example.com' };
      for (let i = 0; i < 3; i++) {
        const preflight = await fetch(url, {
          method: 'OPTIONS',
          headers: {
            ...origin,
            'access-control-request-method': 'GET',
            'access-control-request-headers': 'authorization, x-api-key',
          },
        });
        expect(preflight.status).toBe(204);
        expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
      }
      const { headers } = await fetch(url, { headers: origin });
      expect(headers.get('access-control-expose-headers')).toContain('ratelimit');
      expect(headers.get('ratelimit')).toMatch(/^"requests";r=0;/);
    });
  });
});

describe('rate limits shared through Redis', () => {
  let redis: RedisServer;
  const replicas: Service[] = [];
  const status = async (replica: number, address = '192.0.2.1') =>
    (await post(replicas[replica] as Service, { texts: ['x'] }, { 'x-forwarded-for': address })).status;
  beforeAll(async () => {
    redis = await RedisServer.start();
    const environment = {
      SUTRA_REDIS_URL: redis.url,
      SUTRA_RATE_ADDRESS_REQUESTS_PER_MINUTE: '3',
      SUTRA_TRUSTED_PROXIES: '127.0.0.1',
    };
    for (let i = 0; i < 2; i++) replicas.push(await Service.start(environment));
    while ((await (replicas[1] as Service).counter('sutra_rate_store_up')) !== 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
  });
  afterAll(async () => {
    for (const replica of replicas) await replica.close();
    await redis.stop();
  });

  it('hold a caller to one limit, whichever replica it asks', async () => {
    expect([await status(0), await status(1), await status(0), await status(1), await status(0)]).toEqual([
      200, 200, 200, 429, 429,
    ]);
  });

  it('are held by each replica alone while Redis is away, and nobody is turned away for it', async () => {
    await redis.stop();
    const answers = async (replica: number) => {
      const all: number[] = [];
      for (let i = 0; i < 4; i++) all.push(await status(replica, '192.0.2.2'));
      return all;
    };
    expect(await answers(0)).toEqual([200, 200, 200, 429]);
    expect(await answers(1)).toEqual([200, 200, 200, 429]);
    expect(await (replicas[0] as Service).counter('sutra_rate_store_up')).toBe(0);
  });
});

describe('a deadline', () => {
  let service: Service;
  beforeAll(async () => void (service = await Service.start({ SUTRA_REQUEST_TIMEOUT_MS: '30000' })));
  afterAll(() => service.close());
  const many = (from: number) => Array.from({ length: 300 }, (_, i) => `${words(200)} ${from + i}`);

  it('drops what is not ready in time, on the routes of other APIs too', async () => {
    const before = await service.counter('sutra_texts_total');
    const { status, body } = await post(service, { texts: many(0) }, { 'x-request-timeout-ms': '5' });
    expect(status).toBe(504);
    expect(body.error.code).toBe('DEADLINE_EXCEEDED');
    const other = { input: many(300), model: 'efficient' };
    expect((await post(service, other, { 'x-request-timeout-ms': '5' })).status).toBe(504);
    expect(await service.counter('sutra_texts_total')).toBe(before);
    expect(await service.counter('sutra_queue_texts')).toBe(0);
  });

  it('that is far away changes nothing', async () => {
    expect((await post(service, { texts: ['x'] }, { 'x-request-timeout-ms': '60000' })).status).toBe(200);
  });

  it.each(['0', '-1', '1.5', 'soon', '99999999999'])('is refused as "%s"', async (value) => {
    const { status, body } = await post(service, { texts: ['x'] }, { 'x-request-timeout-ms': value });
    expect(status).toBe(400);
    expect(body.error.code).toBe('INVALID_ARGUMENT');
  });
});
