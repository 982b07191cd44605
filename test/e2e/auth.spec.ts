import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { RouteTable } from '../../apps/api/src/transports/rest/route-table';
import { GrpcServer } from '../../apps/api/src/transports/grpc/grpc-server';
import { Callers } from './callers';
import { call, collect, connect, type AnyClient } from './grpc-client';
import { Service } from './service';
import { WsClient } from './ws-client';

const CHALLENGE = 'Bearer realm="sutra-embedder"';
const TEXTS = { texts: ['hello'] };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const apiKey = (key: string) => ({ 'x-api-key': key });

describe('a server with keys and tokens', () => {
  const callers = new Callers();
  let service: Service;
  let client: AnyClient;
  let bad: Record<string, string>;

  beforeAll(async () => {
    bad = await callers.bad();
    service = await Service.start({
      ...callers.environment,
      SUTRA_CORS_ORIGINS: 'https://app.example.com',
      SUTRA_WS_RESUME_MS: '60000',
      SUTRA_PLUGINS: ['other-api', 'raw-route'].map((name) => join(__dirname, `../fixtures/plugins/${name}.js`)).join(),
    });
    await service.app.listen(0, '127.0.0.1');
    client = connect(await service.app.get(GrpcServer).listen());
  });
  afterAll(async () => {
    client.close();
    await service.close();
    callers.dispose();
  });

  /** Sends lines as they are; Node's own clients would join or drop them. */
  const send = (headers: [string, string][], path = '/v1/models') =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const { port } = service.app.getHttpServer().address() as AddressInfo;
      const outgoing = request({ port, host: '127.0.0.1', path, headers: ['Host', 'x', ...headers.flat()] });
      outgoing.on('error', reject).on('response', (answer) => {
        let body = '';
        answer.on('data', (data: Buffer) => (body += data.toString()));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      });
      outgoing.end();
    });

  describe('over REST', () => {
    it('lets nobody in without either', async () => {
      const { status, headers, body } = await service.post('/v1/embeddings', TEXTS);
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toBe(CHALLENGE);
      expect(body.error.code).toBe('UNAUTHENTICATED');
    });

    it('takes a key in either header, and a token', async () => {
      const token = await callers.token();
      for (const headers of [
        apiKey(callers.read),
        bearer(callers.read),
        bearer(token),
        { authorization: `bearer ${callers.read}` },
        { ...apiKey(callers.read), ...bearer(callers.read) },
      ])
        expect((await service.post('/v1/embeddings', TEXTS, headers)).status).toBe(200);
    });

    it('refuses everything else in one shape, whatever is wrong with it', async () => {
      const shapes = new Set<string>();
      for (const wrong of [undefined, ...Object.values(bad)]) {
        for (const place of [apiKey, bearer]) {
          const answer = await service.post('/v1/embeddings', TEXTS, wrong === undefined ? {} : place(wrong));
          const { date: _date, 'x-request-id': id, ...headers } = answer.headers;
          expect(answer.status).toBe(401);
          expect(answer.body.error.request_id).toBe(id);
          if (wrong !== undefined) expect(answer.text).not.toContain(wrong);
          shapes.add(JSON.stringify([headers, { ...answer.body.error, request_id: '' }]));
        }
      }
      expect([...shapes]).toHaveLength(1);
    });

    it('refuses before it looks at the body', async () => {
      for (const body of ['{"texts":', '{"texts":[]}', '{"poem":1', ''])
        expect([401, 418]).toContain((await service.post('/v1/embeddings', body)).status);
      expect((await service.post('/v1/embeddings', { texts: ['x'.repeat(1e5)] })).status).toBe(401);
    });

    it('reads a large body only of a caller that it knows', async () => {
      // The plugin that claims it would answer 418: nobody has looked for the poem.
      const poem = { poem: 'a rose '.repeat(2e4), model: 'efficient' };
      const refused = await service.post('/v1/embeddings', poem);
      expect(refused).toMatchObject({ status: 401, body: { error: { code: 'UNAUTHENTICATED' } } });
      expect(refused.headers['www-authenticate']).toBe(CHALLENGE);
      expect((await service.post('/v1/embeddings', poem, apiKey('x'))).status).toBe(401);
      expect((await service.post('/v1/embeddings', poem, apiKey(callers.read))).status).toBe(200);
      const chunked = await service.app.inject({
        method: 'POST',
        url: '/v1/embeddings',
        headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
        payload: JSON.stringify({ poem: 'a rose' }),
      });
      expect(chunked.statusCode).toBe(401);
    });

    it.each<[string, () => [string, string][]]>([
      [
        'two keys, the first good',
        () => [
          ['X-API-Key', callers.read],
          ['X-API-Key', 'x'],
        ],
      ],
      [
        'two keys, the last good',
        () => [
          ['x-api-key', 'x'],
          ['X-API-KEY', callers.read],
        ],
      ],
      [
        'two Authorization lines',
        () => [
          ['Authorization', `Bearer ${callers.read}`],
          ['authorization', 'Bearer x'],
        ],
      ],
      [
        'a key and a token that disagree',
        () => [
          ['X-API-Key', callers.read],
          ['Authorization', `Bearer ${callers.admin}`],
        ],
      ],
      [
        'a key beside another scheme',
        () => [
          ['X-API-Key', callers.read],
          ['Authorization', 'Basic YTpi'],
        ],
      ],
      ['keys joined by a comma', () => [['X-API-Key', `${callers.read}, ${callers.admin}`]]],
      ['bearers joined by a comma', () => [['Authorization', `Bearer ${callers.read}, Bearer ${callers.read}`]]],
      ['a key in a header of a proxy', () => [['X-Forwarded-Authorization', `Bearer ${callers.read}`]]],
      [
        'an address that is trusted somewhere',
        () => [
          ['X-Forwarded-For', '127.0.0.1'],
          ['X-Real-IP', '127.0.0.1'],
        ],
      ],
      [
        'a path for somebody else',
        () => [
          ['X-Original-URL', '/v1/health'],
          ['X-Rewrite-URL', '/livez'],
        ],
      ],
      ['a method for somebody else', () => [['X-HTTP-Method-Override', 'OPTIONS']]],
      ['a key in a cookie', () => [['Cookie', `x-api-key=${callers.read}`]]],
      ['a name with an underscore', () => [['X_API_KEY', callers.read]]],
      ['another scheme', () => [['Authorization', `Token ${callers.read}`]]],
      ['a key without its scheme', () => [['Authorization', callers.read]]],
      ['two tokens in one line', () => [['Authorization', `Bearer ${callers.read} ${callers.read}`]]],
      ['a tab', () => [['Authorization', `Bearer\t${callers.read}`]]],
      ['quotes', () => [['X-API-Key', `"${callers.read}"`]]],
      ['another case', () => [['X-API-Key', callers.read.toUpperCase()]]],
    ])('is not deceived by %s', async (_name, headers) => {
      const { status, body } = await send(headers());
      expect(status).toBe(401);
      expect(JSON.parse(body).error.code).toBe('UNAUTHENTICATED');
    });

    it.each([
      (key: string) => `/v1/models?api_key=${key}`,
      (key: string) => `/v1/models?x-api-key=${key}&access_token=${key}`,
      (key: string) => `/v1/models/?authorization=Bearer%20${key}`,
      () => '/v1/models/../models',
      () => '//v1/models',
      () => '/v1/health/../models',
      () => '/v1/%6dodels',
    ])('finds no way around by the URL (%#)', async (url) => {
      const { status } = await send([], url(callers.read));
      expect([401, 404]).toContain(status);
    });

    it.each<[string, 'GET' | 'POST' | 'DELETE', string, string[]]>([
      ['read', 'GET', '/v1/models', []],
      ['read', 'POST', '/v1/models/all-MiniLM-L6-v2/download', ['embedding.write']],
      ['read', 'DELETE', '/v1/models/all-MiniLM-L6-v2', ['embedding.write']],
      ['read', 'GET', '/v1/system', ['embedding.admin']],
      ['read', 'GET', '/v1/metrics', ['embedding.admin']],
      ['write', 'POST', '/v1/models/all-MiniLM-L6-v2/download', []],
      ['write', 'GET', '/v1/system', ['embedding.admin']],
      ['admin', 'GET', '/v1/models', []],
      ['admin', 'POST', '/v1/models/all-MiniLM-L6-v2/download', []],
      ['admin', 'GET', '/v1/system', []],
      ['admin', 'GET', '/v1/metrics', []],
    ])('%s: %s %s lacks %j', async (holder, method, url, [lacking]) => {
      const key = callers[holder as 'read' | 'write' | 'admin'];
      const { status, headers, body } = await service.inject(method, url, undefined, apiKey(key));
      if (lacking === undefined) return expect(status).toBe(200);
      expect(status).toBe(403);
      expect(body.error).toMatchObject({ code: 'PERMISSION_DENIED', details: { required_scope: lacking } });
      expect(headers['www-authenticate']).toBe(`${CHALLENGE}, error="insufficient_scope", scope="${lacking}"`);
    });

    it('gives a token no more than its scopes', async () => {
      const none = bearer(await callers.token({ scope: 'openid profile' }));
      expect((await service.get('/v1/models', none)).status).toBe(403);
      const admin = bearer(await callers.token({ scope: 'embedding.admin' }));
      expect((await service.get('/v1/system', admin)).status).toBe(200);
    });

    it.each(['/v1/health', '/livez', '/readyz', '/docs', '/docs-json', '/docs/start.js'])(
      'leaves %s to everybody, a bad key notwithstanding',
      async (path) => {
        expect((await service.get(path)).status).toBe(200);
        expect((await service.get(path, apiKey('wrong'))).status).toBe(200);
      },
    );

    it('asks for a key on every other route there is', async () => {
      const open = new Set([
        '/v1/health',
        '/livez',
        '/readyz',
        '/docs',
        '/docs-json',
        '/docs/:file',
        '/raw-open',
        '/v1/ws',
        '/',
        '/health',
        '/metrics',
      ]);
      const routes = service.app
        .get(RouteTable)
        .all.filter(
          ({ method, url }) =>
            /^(GET|HEAD|POST|PUT|PATCH|DELETE)$/.test(method) && !open.has(url) && !url.includes('*'),
        );
      expect(routes.length).toBeGreaterThan(10);
      for (const { method, url } of routes) {
        const path = url.replace(/:\w+/g, 'x');
        const { statusCode: status } = await service.app.inject({ method: method as 'GET', url: path });
        // The fixture's plugin answers in its own envelope.
        expect([`${method} ${url}`, status]).toEqual([`${method} ${url}`, url.startsWith('/poems') ? 418 : 401]);
      }
    });

    it('says in its OpenAPI document what needs which', async () => {
      const { components, paths, security } = (await service.get('/docs-json')).body;
      expect(Object.keys(components.securitySchemes)).toEqual(['ApiKeyAuth', 'BearerAuth']);
      expect(security).toEqual([{ ApiKeyAuth: [] }, { BearerAuth: [] }]);
      expect(paths['/v1/health'].get.security).toEqual([]);
      const { post } = paths['/v1/embeddings'];
      expect(post.security).toEqual(security);
      expect(Object.keys(post.responses)).toEqual(expect.arrayContaining(['401', '403']));
      expect(paths['/v1/models/{model_id}/download'].post.description).toContain('embedding.write');
    });

    it('lets a plugin refuse in its own envelope, on a route that it claims too', async () => {
      const poem = { poem: 'a rose', model: 'efficient' };
      for (const path of ['/poems', '/v1/embeddings']) {
        const refused = await service.post(path, poem);
        expect(refused).toMatchObject({ status: 418, body: { complaint: 'UNAUTHENTICATED' } });
        expect(refused.headers['www-authenticate']).toBe(CHALLENGE);
        expect((await service.post(path, poem, apiKey(callers.read))).status).toBe(200);
      }
    });

    it('guards what a plugin gave to Fastify itself', async () => {
      expect(await service.get('/raw')).toMatchObject({ status: 401, body: { error: { code: 'UNAUTHENTICATED' } } });
      expect((await service.get('/raw', apiKey(callers.read))).text).toBe('raw');
      expect((await service.get('/raw-open')).text).toBe('open');
    });

    it('answers the question of a browser, which may not show a key in it', async () => {
      const origin = 'https://app.example.com';
      const preflight = await service.app.inject({
        method: 'OPTIONS',
        url: '/v1/embeddings',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' },
      });
      expect(preflight.statusCode).toBe(204);
      expect(preflight.headers['access-control-allow-origin']).toBe(origin);
      expect((await service.post('/v1/embeddings', TEXTS, { origin })).headers['access-control-allow-origin']).toBe(
        origin,
      );
    });
  });

  describe('over gRPC', () => {
    const metadata = (fields: Record<string, string | string[]>) => {
      const made = new Metadata();
      for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) made.add(name, value);
      return made;
    };
    const refusal = async (method: string, fields: Record<string, string | string[]> = {}) =>
      call(
        client,
        method,
        method === 'GenerateEmbeddings' ? TEXTS : { model_id: 'all-MiniLM-L6-v2' },
        {},
        metadata(fields),
      ).then(
        () => undefined,
        ({ code, details }: ServiceError) => ({ code, details }),
      );

    it('takes a key and a token as metadata', async () => {
      for (const fields of [apiKey(callers.read), bearer(callers.read), bearer(await callers.token())])
        expect(await refusal('GenerateEmbeddings', fields)).toBeUndefined();
    });

    it('refuses everything else in one shape', async () => {
      const shapes = new Set<string>();
      for (const wrong of Object.values(bad))
        for (const fields of [apiKey(wrong), bearer(wrong)])
          shapes.add(JSON.stringify(await refusal('GenerateEmbeddings', fields)));
      shapes.add(JSON.stringify(await refusal('GenerateEmbeddings', { 'x-api-key': [callers.read, 'x'] })));
      shapes.add(
        JSON.stringify(await refusal('GenerateEmbeddings', { ...apiKey(callers.read), ...bearer(callers.admin) })),
      );
      shapes.add(JSON.stringify(await refusal('GenerateEmbeddings')));
      shapes.add(JSON.stringify(await refusal('ListModels')));
      expect([...shapes]).toHaveLength(1);
      expect(JSON.parse([...shapes][0] ?? '')).toMatchObject({ code: status.UNAUTHENTICATED });
    });

    it('refuses streams before their first text', async () => {
      for (const open of [() => client['StreamEmbeddings']?.({ texts: ['x'] }), () => client['EmbedStream']?.()])
        await expect(collect(open())).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
      const good = client['StreamEmbeddings']?.({ texts: ['x'] }, metadata(apiKey(callers.read)));
      expect((await collect(good)).messages).toHaveLength(1);
    });

    it('asks for the scope of a method', async () => {
      expect(await refusal('DownloadModel', apiKey(callers.read))).toMatchObject({ code: status.PERMISSION_DENIED });
      expect(await refusal('DownloadModel', apiKey(callers.write))).toBeUndefined();
    });

    it('leaves health to everybody', async () => {
      expect((await call(client, 'GetHealth', {})).value.status).toMatch(/^HEALTH_STATUS_/);
    });
  });

  describe('over WebSocket', () => {
    const HELLO = { protocol_version: '1.0' };
    const handshake = async (payload: object, headers: Record<string, string> = {}) => {
      const socket = await WsClient.open(service, { headers });
      const { payload: answer } = await socket.request('handshake', { ...HELLO, ...payload });
      return { socket, answer };
    };

    it('takes a key in a header or in the handshake', async () => {
      for (const [payload, headers] of [
        [{}, apiKey(callers.read)],
        [{}, bearer(await callers.token())],
        [{ api_key: callers.read }, {}],
        [{ api_key: await callers.token() }, {}],
        [{ api_key: callers.read }, apiKey(callers.read)],
      ] as const) {
        const { socket, answer } = await handshake(payload, headers);
        expect(answer.session_id).toEqual(expect.any(String));
        await socket.close();
      }
    });

    it('refuses everything else in one shape, at the upgrade or the handshake, and works for nobody before', async () => {
      const shapes = new Set<string>();
      for (const wrong of Object.values(bad)) {
        await expect(WsClient.open(service, { headers: apiKey(wrong) })).rejects.toThrow('401');
        const { socket, answer } = await handshake({ api_key: wrong });
        shapes.add(JSON.stringify(answer));
        socket.socket.terminate();
      }
      const { socket, answer } = await handshake({});
      shapes.add(JSON.stringify(answer));
      const { error_code } = (await socket.request('stream_embed', { config: {} })).payload;
      expect(error_code).toBe('INVALID_ARGUMENT');
      socket.socket.terminate();
      expect([...shapes]).toHaveLength(1);
      expect(JSON.parse([...shapes][0] ?? '')).toMatchObject({ error_code: 'UNAUTHENTICATED' });
    });

    it('refuses a handshake whose key is another than that of the header', async () => {
      const { socket, answer } = await handshake({ api_key: callers.admin }, apiKey(callers.read));
      expect(answer.error_code).toBe('UNAUTHENTICATED');
      socket.socket.terminate();
    });

    it('gives no session of one caller to another', async () => {
      const session_id = 'mine';
      const mine = await handshake({ session_id, api_key: callers.read });
      await mine.socket.request('stream_embed', { config: {} });
      mine.socket.socket.terminate();
      const other = await handshake({ session_id, api_key: callers.write });
      expect(other.answer).toMatchObject({ session_id, resumed: false });
      const back = await handshake({ session_id, api_key: callers.read });
      expect(back.answer).toMatchObject({ session_id, resumed: true });
      await other.socket.close();
      await back.socket.close();
    });
  });

  it('takes up new keys and drops revoked ones while it runs, and keeps the last good file', async () => {
    const added = callers.addKey('read');
    const until = async (wanted: number, key: string) => {
      while ((await service.get('/v1/models', apiKey(key))).status !== wanted)
        await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await until(200, added);
    const socket = await WsClient.open(service, { headers: apiKey(added) });
    await socket.request('handshake', { protocol_version: '1.0' });
    callers.revoke(added);
    await until(401, added);
    expect(await socket.closed).toMatchObject({ code: 4401 });
    expect((await service.get('/v1/models', apiKey(callers.read))).status).toBe(200);
  });
});
