import { randomBytes } from 'node:crypto';
import { Metadata } from '@grpc/grpc-js';
import { join } from 'node:path';
import { call, collect, connect, type AnyClient } from './grpc-client';
import { OtlpCollector, type ReceivedSpan } from './otlp-collector';
import { ServiceProcess } from './service-process';
import { WsClient } from './ws-client';

const STAGES = ['plan', 'tokenize', 'queue', 'infer', 'post_process'];

/** A parent that a caller would send. */
const parent = (sampled = true) => {
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${sampled ? '01' : '00'}` };
};

const request = (spans: readonly ReceivedSpan[]) => spans.find(({ name }) => name === 'request') as ReceivedSpan;
const names = (spans: readonly ReceivedSpan[]) => spans.map(({ name }) => name).sort();

/** Every stage hangs below the request, lies within it, and does not end before it begins. */
function expectWithin(spans: readonly ReceivedSpan[]): void {
  const whole = request(spans);
  for (const span of spans) {
    if (span === whole) continue;
    expect(span.parentSpanId).toBe(whole.spanId);
    expect(span.start <= span.end).toBe(true);
    // Times of spans are rounded to microseconds by the SDK.
    expect(span.start >= whole.start - 1_000n && span.end <= whole.end + 1_000_000n).toBe(true);
  }
}

describe('traces', () => {
  let collector: OtlpCollector;
  // Apart from this one: within Jest the exporter could not load what it sends with.
  let service: ServiceProcess;
  let client: AnyClient;

  beforeAll(async () => {
    collector = await OtlpCollector.start();
    service = await ServiceProcess.start({
      SUTRA_TRACES: 'on',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=let%20me%20in',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    client = connect(service.grpcPort);
  });

  afterAll(async () => {
    client.close();
    await service.stop();
    await collector.close();
  });

  it('follow a REST request from plan to encode, within the trace of its caller', async () => {
    const { traceId, spanId, traceparent } = parent();
    const answer = await service.post('/v1/embeddings', { texts: ['one', 'two'] }, { traceparent });
    expect(answer.status).toBe(200);
    const spans = await collector.trace(traceId);
    expect(names(spans)).toEqual([...STAGES, 'encode', 'request'].sort());
    expectWithin(spans);
    expect(request(spans)).toMatchObject({ parentSpanId: spanId, kind: 2, failed: false });
    expect(request(spans).attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/embeddings',
      'http.response.status_code': 200,
      'sutra.request_id': answer.headers['x-request-id'],
      'sutra.principal': 'local',
      'sutra.model': 'all-MiniLM-L6-v2',
      'sutra.texts': 2,
      'sutra.tokens': answer.body.metadata.usage.tokens,
    });
  });

  it('are sent as they were set up', () => {
    expect(collector.headers[0]).toMatchObject({
      'content-type': 'application/x-protobuf',
      'x-collector-key': 'let me in',
    });
    expect(collector.resources[0]).toMatchObject({
      'service.name': 'sutra-embedder',
      'service.version': '1.0.0',
      'deployment.environment.name': 'test',
    });
  });

  it('name the error of a request that failed', async () => {
    const { traceId, traceparent } = parent();
    await service.post('/v1/embeddings', { texts: ['x'], dimensions: 3 }, { traceparent });
    const spans = await collector.trace(traceId);
    expect(request(spans)).toMatchObject({ failed: true });
    expect(request(spans).attributes).toMatchObject({
      'error.type': 'INVALID_DIMENSIONS',
      'http.response.status_code': 400,
    });
  });

  it('say nothing of a path that is no route', async () => {
    const { traceId, traceparent } = parent();
    await service.send('GET', '/v1/secret-path', { traceparent });
    const { attributes } = request(await collector.trace(traceId));
    expect(JSON.stringify(attributes)).not.toContain('secret-path');
  });

  it('honor that the caller does not sample', async () => {
    const not = parent(false);
    const then = parent();
    await service.post('/v1/embeddings', { texts: ['unsampled'] }, { traceparent: not.traceparent });
    await service.post('/v1/embeddings', { texts: ['sampled'] }, { traceparent: then.traceparent });
    await collector.trace(then.traceId);
    expect(collector.spans.filter(({ traceId }) => traceId === not.traceId)).toEqual([]);
  });

  it.each([
    ['not a parent'],
    [`00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`],
    [`ff-${'1'.repeat(32)}-${'1'.repeat(16)}-01`],
  ])('begin anew where the traceparent is %s', async (traceparent) => {
    const { headers } = await service.post('/v1/embeddings', { texts: ['anew'] }, { traceparent });
    const id = headers['x-request-id'];
    const found = () => collector.spans.find(({ attributes }) => attributes['sutra.request_id'] === id);
    while (!found()) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(found()?.parentSpanId).toBe('');
  });

  it('show a remembered text as one that was not run', async () => {
    const { traceId, traceparent } = parent();
    const texts = ['twice', 'twice'];
    await service.post('/v1/embeddings', { texts }, { traceparent });
    expect(request(await collector.trace(traceId)).attributes).toMatchObject({ 'sutra.texts.joined': 1 });
  });

  it('follow an NDJSON stream', async () => {
    const { traceId, traceparent } = parent();
    const body = { config: { dimensions: 64 }, texts: ['a', 'b', 'c'] };
    expect((await service.post('/v1/embeddings/stream', body, { traceparent })).status).toBe(200);
    const spans = await collector.trace(traceId);
    expect(names(spans).filter((name) => name === 'infer')).toHaveLength(3);
    expect(request(spans).attributes).toMatchObject({ 'http.route': '/v1/embeddings/stream', 'sutra.texts': 3 });
  });

  it('follow a gRPC call within the trace of its metadata', async () => {
    const { traceId, spanId, traceparent } = parent();
    const metadata = new Metadata();
    metadata.set('traceparent', traceparent);
    await call(client, 'GenerateEmbeddings', { texts: ['over gRPC'] }, {}, metadata);
    const spans = await collector.trace(traceId);
    expect(names(spans)).toEqual([...STAGES, 'request'].sort());
    expectWithin(spans);
    expect(request(spans)).toMatchObject({ parentSpanId: spanId, kind: 2 });
    expect(request(spans).attributes).toMatchObject({
      'rpc.system': 'grpc',
      'rpc.method': 'GenerateEmbeddings',
      'sutra.status': 'OK',
      'sutra.texts': 1,
    });
  });

  it('follow a gRPC stream, and a call that fails', async () => {
    const stream = parent();
    const metadata = new Metadata();
    metadata.set('traceparent', stream.traceparent);
    await collect(client['StreamEmbeddings']?.({ texts: ['a', 'b'], config: {} }, metadata));
    expect(request(await collector.trace(stream.traceId)).attributes).toMatchObject({ 'sutra.texts': 2 });

    const failing = parent();
    metadata.set('traceparent', failing.traceparent);
    await expect(call(client, 'GenerateEmbeddings', { texts: [] }, {}, metadata)).rejects.toThrow();
    expect(request(await collector.trace(failing.traceId))).toMatchObject({
      failed: true,
      attributes: { 'sutra.status': 'INVALID_ARGUMENT', 'error.type': 'INVALID_ARGUMENT' },
    });
  });

  it('follow each stream of a WebSocket within the trace of its handshake', async () => {
    const { traceId, spanId, traceparent } = parent();
    const ws = await WsClient.at(service.webSocketUrl, { headers: { traceparent } });
    await ws.request('handshake', { protocol_version: '1.0' });
    await ws.request('stream_embed', { config: {} });
    ws.send('add_chunk', { chunk_id: 'c1', text: 'over WebSocket', is_final: true });
    await ws.summary();
    const spans = await collector.trace(traceId);
    expect(names(spans)).toEqual([...STAGES, 'request'].sort());
    expectWithin(spans);
    expect(request(spans)).toMatchObject({ parentSpanId: spanId });
    expect(request(spans).attributes).toMatchObject({
      'sutra.action': 'stream_embed',
      'sutra.status': 'completed',
      'sutra.texts': 1,
    });
    await ws.close();
  });
});

describe('without SUTRA_TRACES', () => {
  it('nothing of OpenTelemetry but its API, which the metrics bring along, is loaded', async () => {
    const list = join(__dirname, '../fixtures/preload/list-modules.cjs');
    // With a plugin the server is loaded module by module, so that they can be listed.
    const plugin = join(__dirname, '../fixtures/plugins/raw-route.js');
    const service = await ServiceProcess.start({ NODE_OPTIONS: `--require ${list}`, SUTRA_PLUGINS: plugin });
    await service.post('/v1/embeddings', { texts: ['x'] }, { traceparent: parent().traceparent });
    expect(await service.stop()).toBe(0);
    const loaded = JSON.parse(/^loaded: (.*)$/m.exec(service.output)?.[1] ?? '[]') as string[];
    expect(loaded.length).toBeGreaterThan(100);
    expect(loaded.filter((path) => /@opentelemetry[\\/](?!api[\\/])/.test(path))).toEqual([]);
  });
});
