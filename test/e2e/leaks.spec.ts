import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metadata } from '@grpc/grpc-js';
import { writeKeyFile } from '../../apps/api/src/security/keys/key-file';
import { createKey } from '../../apps/api/src/security/keys/manage-keys';
import { call, collect, connect } from './grpc-client';
import { OtlpCollector } from './otlp-collector';
import { ServiceProcess } from './service-process';
import { WsClient } from './ws-client';

/** Words that nobody but this test says, one for each place that a client can put something. */
const secrets: string[] = [];
const secret = (place: string) => {
  const word = `zq${place}${secrets.length}xj`;
  secrets.push(word);
  return word;
};

describe('what the process gives away', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sutra-leaks-'));
  const keysFile = join(folder, 'keys.json');
  const { record, key } = createKey({ scope: 'admin' }, new Date());
  const jwtSecret = `${secret('jwtsecret')}-that-is-long-enough-for-hs256`;
  let collector: OtlpCollector;
  let server: ServiceProcess;
  let metrics = '';

  beforeAll(async () => {
    writeKeyFile(keysFile, [record]);
    collector = await OtlpCollector.start();
    server = await ServiceProcess.start({
      SUTRA_LOG_LEVEL: 'trace',
      SUTRA_PRELOAD: 'ultra-efficient',
      SUTRA_KEYS_FILE: keysFile,
      SUTRA_JWT_SECRET: jwtSecret,
      SUTRA_JWT_ISSUER: 'issuer',
      SUTRA_JWT_AUDIENCE: 'audience',
      SUTRA_WS_MESSAGE_KB: '4',
      SUTRA_TRACES: 'on',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-key=${secret('collector')}`,
      HF_TOKEN: secret('hub'),
      HF_HUB_OFFLINE: '1',
    });
    await overRest();
    await overGrpc();
    await overWebSocket();
    metrics = await (await fetch(`${server.url}/v1/metrics`)).text();
    expect(await server.stop()).toBe(0);
  });

  afterAll(async () => {
    await collector.close();
    rmSync(folder, { recursive: true });
  });

  const headers = (more: Record<string, string> = {}) => ({
    'content-type': 'application/json',
    'x-api-key': key,
    ...more,
  });
  const post = async (path: string, body: unknown, more: Record<string, string> = {}, method = 'POST') => {
    const answer = await fetch(server.url + path, {
      method,
      headers: headers(more),
      ...(method !== 'GET' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    await answer.text();
    return answer.status;
  };

  async function overRest(): Promise<void> {
    const model = 'ultra-efficient';
    const statuses = [
      await post('/v1/embeddings', { texts: [secret('text')], model }),
      await post('/v1/embeddings/stream', { texts: [secret('text')], model, config: {} }),
      await post('/v1/embeddings', { texts: [secret('text')], dimensions: 1 }),
      await post('/v1/embeddings', { texts: [secret('text')], [secret('field')]: 1 }),
      await post('/v1/embeddings', { texts: [secret('text')], input_type: secret('inputtype'), model }),
      await post('/v1/embeddings', { texts: [secret('text')], model: secret('model') }),
      await post('/v1/embeddings', { texts: [secret('text').repeat(2_000)], truncate: 'none', model }),
      await post('/v1/embeddings', `{"texts": ["${secret('broken')}"`),
      await post('/v1/embeddings', secret('nojson'), { 'content-type': secret('type') }),
      await post('/v1/embeddings', { texts: [''] }, { 'x-api-key': secret('key') }),
      await post('/v1/embeddings', { texts: [''] }, { authorization: `Bearer ${secret('token')}` }),
      await post(
        '/v1/embeddings',
        { texts: ['x'], model },
        { authorization: `Basic ${secret('basic')}`, cookie: secret('cookie') },
      ),
      await post(
        '/v1/embeddings',
        { texts: ['x'], model },
        { 'x-request-id': `${secret('requestid')} no id`, traceparent: secret('trace'), 'user-agent': secret('agent') },
      ),
      await post(`/v1/${secret('path')}?key=${secret('query')}`, {}),
      await post(`/v1/models/${secret('unknownmodel')}/${secret('unknownmodel')}/download`, {}),
      await post(`/v1/models/${secret('unknownmodel')}`, {}, {}, 'DELETE'),
      await post(`/v1/models?dimensions=${secret('query')}`, {}, {}, 'GET'),
      // Surfaces for other products' clients, where they are.
      await post('/v1/embeddings', { input: secret('openai'), model: secret('openai'), user: secret('openai') }),
      await post('/embed', { inputs: secret('tei') }),
      await post('/api/embed', { model: secret('ollama'), input: secret('ollama') }),
      await post('/v2/embed', { model: secret('cohere'), texts: [secret('cohere')], input_type: 'search_query' }),
    ];
    expect(statuses.slice(0, 2)).toEqual([200, 200]);
    expect(statuses.filter((status) => status >= 400).length).toBeGreaterThan(10);
    expect(statuses).not.toContain(500);
  }

  async function overGrpc(): Promise<void> {
    const client = connect(server.grpcPort);
    const metadata = new Metadata();
    metadata.set('x-api-key', key);
    metadata.set('x-other', secret('metadata'));
    const model = 'ultra-efficient';
    await call(client, 'GenerateEmbeddings', { texts: [secret('text')], model }, {}, metadata);
    await collect(client['StreamEmbeddings']?.({ texts: [secret('text')], config: { model } }, metadata));
    const wrong = new Metadata();
    wrong.set('authorization', `Bearer ${secret('token')}`);
    const refused = [
      call(client, 'GenerateEmbeddings', { texts: [secret('text')], model: secret('model') }, {}, metadata),
      call(client, 'GenerateEmbeddings', { texts: [secret('text')], dimensions: 1 }, {}, metadata),
      call(client, 'GenerateEmbeddings', { texts: [secret('text')] }, {}, wrong),
      call(client, 'DownloadModel', { model_id: secret('model') }, {}, metadata),
    ];
    expect((await Promise.allSettled(refused)).map(({ status }) => status)).toEqual(refused.map(() => 'rejected'));
    client.close();
  }

  async function overWebSocket(): Promise<void> {
    const url = server.webSocketUrl;
    const stranger = await WsClient.at(`${url}?api_key=${secret('query')}`);
    await stranger.request('handshake', { protocol_version: '1.0', api_key: secret('key') });
    await stranger.close();
    const ws = await WsClient.at(url, { headers: { 'x-other': secret('header') } });
    await ws.request('handshake', { protocol_version: '1.0', api_key: key, session_id: secret('session') });
    await ws.refused(secret('nojson'));
    await ws.refused({ id: secret('message'), type: secret('type') });
    await ws.request(secret('action'), {});
    await ws.request('stream_embed', { config: { model: secret('model') } });
    await ws.request('stream_embed', { config: { model: 'ultra-efficient' }, metadata: { user_id: secret('user') } });
    ws.send('add_chunk', { chunk_id: secret('chunk'), text: secret('text'), is_final: true }, secret('message'));
    await ws.summary();
    ws.socket.close(4000, secret('goodbye'));
    await ws.closed;
    const loud = await WsClient.at(url);
    loud.raw(secret('large').repeat(1_000));
    await loud.closed;
  }

  it('was looked at: it has the calls in its log, its traces and its metrics', () => {
    expect(server.output).toContain('"route":"POST /v1/embeddings","status":"200"');
    expect(server.output).toContain('"route":"GenerateEmbeddings","status":"OK"');
    expect(server.output).toContain('"route":"/v1/ws"');
    expect(server.output).toContain(`"principal":"key:${record.id}"`);
    expect(collector.spans.filter(({ name }) => name === 'request').length).toBeGreaterThan(25);
    expect(metrics).toContain('sutra_calls_total{transport="grpc"');
  });

  it.each([
    ['its log', () => server.output],
    ['its traces', () => Buffer.concat(collector.bodies).toString('latin1')],
    ['its metrics', () => metrics],
  ])('holds nothing in %s that a client or the environment kept secret', (_where, given) => {
    const text = given();
    expect(secrets.length).toBeGreaterThan(50);
    expect(secrets.filter((word) => text.includes(word))).toEqual([]);
    expect(text).not.toContain(key);
    expect(text).not.toContain(key.split('_')[2]);
  });
});
