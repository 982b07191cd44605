import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { GrpcServer } from '../../apps/api/src/transports/grpc/grpc-server';
import { call, connect, type AnyClient } from './grpc-client';
import { Service } from './service';
import { WsClient } from './ws-client';

const deployed = (path: string) => readFileSync(resolve(__dirname, '../../deploy', path), 'utf8');

/** What Prometheus itself keeps of a histogram, and what a scrape adds. */
const AGGREGATES = /_(bucket|sum|count)$/;

describe('metrics', () => {
  let service: Service;
  let client: AnyClient;
  const metrics = async () => (await service.get('/v1/metrics')).text;
  /** Over a socket: what is injected has none, so that every caller would count as gone. */
  const send = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const answer = await fetch((await service.app.getUrl()) + path, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    await answer.text();
  };
  const post = (path: string, body: object, headers = {}) => send('POST', path, body, headers);

  beforeAll(async () => {
    // A limit that nobody reaches, so that its metric is there.
    service = await Service.start({ SUTRA_GRPC_PORT: '0', SUTRA_RATE_REQUESTS_PER_MINUTE: '1000000' });
    await service.app.listen(0);
    client = connect(await service.app.get(GrpcServer).listen());
  });
  afterAll(async () => {
    client.close();
    await service.close();
  });

  it('count calls by transport, route and status, and errors by code', async () => {
    await post('/v1/embeddings', { texts: ['a'] });
    await post('/v1/embeddings', { texts: ['a'], dimensions: 1 });
    await call(client, 'GenerateEmbeddings', { texts: ['a'] });
    await call(client, 'GenerateEmbeddings', { texts: [] }).catch(() => undefined);
    const ws = await WsClient.streaming(service);
    ws.send('add_chunk', { chunk_id: 'c', text: 'a', is_final: true });
    await ws.summary();
    await ws.close();
    const text = await metrics();
    for (const line of [
      'sutra_calls_total{transport="rest",route="POST /v1/embeddings",status="200"} 1',
      'sutra_calls_total{transport="rest",route="POST /v1/embeddings",status="400"} 1',
      'sutra_calls_total{transport="grpc",route="GenerateEmbeddings",status="OK"} 1',
      'sutra_calls_total{transport="grpc",route="GenerateEmbeddings",status="INVALID_ARGUMENT"} 1',
      'sutra_calls_total{transport="ws",route="stream_embed",status="completed"} 1',
      'sutra_calls_total{transport="ws",route="/v1/ws",status="1000"} 1',
      'sutra_call_errors_total{transport="rest",code="INVALID_DIMENSIONS"} 1',
      'sutra_call_errors_total{transport="grpc",code="INVALID_ARGUMENT"} 1',
      'sutra_call_duration_seconds_count{transport="rest",route="POST /v1/embeddings"} 2',
      'sutra_stage_duration_seconds_count{stage="encode"} 1',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).toMatch(/^sutra_sessions_alive\{model="all-MiniLM-L6-v2",backend="onnx-cpu",precision="\w+"\} [1-9]/m);
  });

  it('take no name from a client', async () => {
    const made = 'madeupname';
    await post('/v1/embeddings', { texts: [made], model: made });
    await send('GET', `/${made}`);
    await send('GET', `/v1/models/${made}/${made}`);
    await send('DELETE', `/v1/models/${made}`);
    await post('/v1/embeddings', { texts: ['x'], [made]: made }, { 'x-api-key': made, 'x-request-id': made });
    await post('/v1/embeddings/stream', { texts: ['x'], model: made, config: {} });
    await call(client, 'GenerateEmbeddings', { texts: ['x'], model: made }).catch(() => undefined);
    const ws = await WsClient.greeted(service, { session_id: made });
    await ws.request('stream_embed', { config: { model: made }, metadata: { user_id: made } });
    ws.send(made, {});
    await ws.close(4999);
    const text = await metrics();
    expect(text).not.toContain(made);
    expect(text).toContain('sutra_calls_total{transport="rest",route="unmatched",status="404"}');
    expect(text).toContain('sutra_calls_total{transport="ws",route="/v1/ws",status="other"}');
  });

  it('have every metric that the dashboard and the alerts ask for', async () => {
    const text = await metrics();
    const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const dashboard = JSON.parse(deployed('grafana/sutra-embedder.json')) as {
      panels: { targets?: { expr: string }[] }[];
      templating: { list: { query: string }[] };
    };
    const asked = [
      ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
      ...dashboard.templating.list.map(({ query }) => query),
      ...deployed('helm/sutra-embedder/alerts.yaml').split('\n'),
    ].flatMap((expression) => expression.match(/\b(sutra|embedding|process|nodejs)_[a-z0-9_]+/g) ?? []);
    expect(asked.length).toBeGreaterThan(30);
    const unknown = asked.filter((name) => !known.has(name) && !known.has(name.replace(AGGREGATES, '')));
    expect(unknown).toEqual([]);
  });

  it('are all described in docs/operations.md', async () => {
    const page = readFileSync(resolve(__dirname, '../../docs/operations.md'), 'utf8');
    const described = [...page.matchAll(/^\| `((?:sutra|embedding)_\w+)`/gm)].map(([, name]) => name);
    const exposed = [...(await metrics()).matchAll(/^# TYPE ((?:sutra|embedding)_\S+)/gm)].map(([, name]) => name);
    expect(described.sort()).toEqual(exposed.sort());
  });
});
