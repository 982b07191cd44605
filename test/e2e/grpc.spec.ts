import { connect as dial } from 'node:net';
import { connect as dialHttp2 } from 'node:http2';
import { Client, credentials, loadPackageDefinition, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { GrpcServer } from '../../apps/api/src/transports/grpc/grpc-server';
import { OpenStreams } from '../../apps/api/src/transports/streams/open-streams';
import { queuedTexts, until } from './counters';
import { call, collect, connect, detailsOf, vectorOf, type AnyClient } from './grpc-client';
import { Service } from './service';

const TEXTS = Array.from({ length: 30 }, (_, i) => `a text about the number ${i} ${'and more '.repeat(i % 7)}`);
const MANY = Array.from({ length: 1000 }, (_, i) => `${'many words '.repeat(100)} ${i}`);

describe('gRPC', () => {
  let service: Service;
  let port: number;
  let client: AnyClient;
  beforeAll(async () => {
    service = await Service.start({ SUTRA_GRPC_PORT: '0', SUTRA_BODY_LIMIT_MB: '1' });
    port = await service.app.get(GrpcServer).listen();
    client = connect(port);
  });
  afterAll(async () => {
    client.close();
    await service.close();
  });

  const failure = async (method: string, message: object, options = {}): Promise<ServiceError> =>
    call(client, method, message, options).then(
      () => Promise.reject(new Error('did not fail')),
      (error: ServiceError) => error,
    );
  const streamFailure = (stream: { on(event: string, listener: (value: never) => void): unknown }) =>
    new Promise<ServiceError>((resolve) => {
      stream.on('error', resolve);
      stream.on('data', () => undefined);
    });
  const openStreams = () => service.app.get(OpenStreams).count();

  describe('GenerateEmbeddings', () => {
    it('answers with every field of the specification', async () => {
      const { value, headers } = await call(client, 'GenerateEmbeddings', { texts: ['one', 'two'] });
      expect(value.embeddings.map(({ values }: { values: number[] }) => values.length)).toEqual([384, 384]);
      expect(value.model_info).toMatchObject({ model_id: 'all-MiniLM-L6-v2', dimensions: 384, native_dimensions: 384 });
      expect(value.performance.latency_ms).toBeGreaterThan(0);
      expect(value.performance.timings_ms.infer).toBeGreaterThan(0);
      expect(value.metadata).toMatchObject({
        request_id: headers.get('x-request-id')[0],
        backend: 'onnx-cpu',
        dimension_strategy: 'native',
        encoding_format: 'ENCODING_FORMAT_FLOAT',
        quantization: { scheme: 'int8', bytes_per_embedding: 384 },
        usage: { tokens: 6 },
      });
      expect(Math.abs(Date.now() / 1000 - value.metadata.timestamp.seconds)).toBeLessThan(60);
    });

    it('gives the same vector as numbers and as float32 bytes', async () => {
      const [numbers, bytes] = await Promise.all(
        ['ENCODING_FORMAT_FLOAT', 'ENCODING_FORMAT_BASE64'].map(async (encoding_format) => {
          const { value } = await call(client, 'GenerateEmbeddings', { texts: TEXTS, encoding_format });
          return value.embeddings.map(vectorOf);
        }),
      );
      expect(bytes).toEqual(numbers);
    });

    it('sends packed codes as bytes, with their scale', async () => {
      const request = { texts: ['x'], config: { quantization: 'QUANTIZATION_TYPE_INT8' } };
      const [packed, plain] = await Promise.all(
        ['ENCODING_FORMAT_PACKED', 'ENCODING_FORMAT_FLOAT'].map(async (encoding_format) => {
          const { value } = await call(client, 'GenerateEmbeddings', { ...request, encoding_format });
          return value.embeddings[0];
        }),
      );
      expect(packed.values).toEqual([]);
      const decoded = Array.from(new Int8Array(packed.packed), (code) => Math.fround(code * packed.scale));
      expect(decoded).toEqual(plain.values);
    });

    it('takes the request id of the caller', async () => {
      const metadata = new Metadata();
      metadata.set('x-request-id', 'mine-1');
      const { value, headers } = await call(client, 'GenerateEmbeddings', { texts: ['x'] }, {}, metadata);
      expect([value.metadata.request_id, headers.get('x-request-id')]).toEqual(['mine-1', ['mine-1']]);
    });

    it.each([
      [{ texts: [] }, 'texts'],
      [{ texts: Array.from({ length: 1001 }, () => 'x') }, 'texts'],
      [{ texts: ['x'], config: { batch_size: 0 } }, 'config.batch_size'],
      [{ texts: ['x'], config: { hardware_profile: 'phone' } }, 'config.hardware_profile'],
      [{ texts: ['x'], encoding_format: 9 }, 'encoding_format'],
      [{ texts: ['x'], model: 'all-MiniLM-L6-v2', encoding_format: 'ENCODING_FORMAT_PACKED' }, 'encoding_format'],
    ])('refuses %#, naming %s', async (request, field) => {
      const error = await failure('GenerateEmbeddings', request);
      expect(error.code).toBe(status.INVALID_ARGUMENT);
      const { 'google.rpc.ErrorInfo': info } = detailsOf(error);
      expect(info).toMatchObject({ reason: 'INVALID_ARGUMENT', domain: 'sutra-embedder', metadata: { field } });
      expect(info.metadata.request_id).toMatch(/^req_/);
    });

    it.each([
      [{ texts: ['x'], dimensions: 0 }, status.INVALID_ARGUMENT, 'INVALID_DIMENSIONS'],
      [{ texts: ['x'], model: 'nobody' }, status.NOT_FOUND, 'MODEL_NOT_FOUND'],
    ])('refuses %j', async (request, code, reason) => {
      const error = await failure('GenerateEmbeddings', request);
      expect(error.code).toBe(code);
      expect(detailsOf(error)['google.rpc.ErrorInfo'].reason).toBe(reason);
    });

    it('refuses a message over the limit', async () => {
      const error = await failure('GenerateEmbeddings', { texts: ['x'.repeat(2 ** 20)] });
      expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    });

    it('honours a deadline, and drops the work', async () => {
      const error = await failure('GenerateEmbeddings', { texts: MANY.slice(0, 700) }, { deadline: Date.now() + 50 });
      expect(error.code).toBe(status.DEADLINE_EXCEEDED);
      await until(() => queuedTexts(service) === 0);
    });

    it('drops the work of a call that is cancelled', async () => {
      const before = await service.counter('sutra_texts_total');
      const failed = new Promise<ServiceError>((resolve) => {
        const running = client['GenerateEmbeddings']?.({ texts: MANY.slice(0, 700) }, (error: ServiceError) =>
          resolve(error),
        );
        void until(() => queuedTexts(service) > 0).then(() => running.cancel());
      });
      expect((await failed).code).toBe(status.CANCELLED);
      await until(() => queuedTexts(service) === 0);
      expect(await service.counter('sutra_texts_total')).toBe(before);
    });
  });

  describe('StreamEmbeddings', () => {
    it('sends one message a text in order of completion, and a summary in the trailers', async () => {
      const { messages, summary } = await collect(client['StreamEmbeddings']?.({ texts: TEXTS, config: {} }));
      expect(messages.map(({ index }) => index).sort((a, b) => a - b)).toEqual(TEXTS.map((_, i) => i));
      expect(messages.find(({ index }) => index === 7)).toMatchObject({
        chunk_id: 'chunk_007',
        metadata: { sequence_position: 7, model_used: 'all-MiniLM-L6-v2', truncated: false },
      });
      expect(summary).toMatchObject({ chunks: 30, dimensions: 384, model_used: 'all-MiniLM-L6-v2' });
    });

    it('needs no config', async () => {
      expect((await collect(client['StreamEmbeddings']?.({ texts: ['x'] }))).messages).toHaveLength(1);
    });

    it('ends with a status where a text cannot be served', async () => {
      const config = { truncate: 'TRUNCATION_NONE' };
      const error = await streamFailure(client['StreamEmbeddings']?.({ texts: ['x', 'river '.repeat(400)], config }));
      expect(error.code).toBe(status.INVALID_ARGUMENT);
      expect(detailsOf(error)['google.rpc.ErrorInfo'].metadata).toMatchObject({ field: 'texts[1]', max_tokens: '256' });
      expect(openStreams()).toBe(0);
    });

    it('stops when its caller cancels', async () => {
      const stream = client['StreamEmbeddings']?.({ texts: MANY.slice(0, 700), config: { buffer_size: 700 } });
      stream.once('data', () => stream.cancel());
      expect((await streamFailure(stream)).code).toBe(status.CANCELLED);
      await until(() => openStreams() === 0 && queuedTexts(service) === 0);
    });

    it('stops when the connection breaks', async () => {
      const own = connect(port, { 'grpc.use_local_subchannel_pool': 1 });
      const before = service.app.get(GrpcServer).connections;
      const stream = own['StreamEmbeddings']?.({ texts: MANY.slice(0, 700), config: { buffer_size: 700 } });
      const failed = streamFailure(stream);
      await new Promise((resolve) => stream.once('data', resolve));
      own.close();
      stream.cancel();
      await failed;
      await until(() => openStreams() === 0 && queuedTexts(service) === 0);
      await until(() => service.app.get(GrpcServer).connections <= before);
    });
  });

  describe('EmbedStream', () => {
    it('answers while texts come, keeping id and position, and ends after the half-close', async () => {
      const stream = client['EmbedStream']?.();
      const collected = collect(stream);
      stream.write({ config: { model: 'all-MiniLM-L6-v2' } });
      stream.write({ chunk_id: 'a', text: 'first', position: 40 });
      stream.write({ text: 'second' });
      stream.end();
      const { messages, summary } = await collected;
      const byIndex = [...messages].sort((a, b) => a.index - b.index);
      expect(byIndex.map(({ chunk_id, metadata }) => [chunk_id, metadata.sequence_position])).toEqual([
        ['a', 40],
        ['chunk_001', 1],
      ]);
      expect(summary.chunks).toBe(2);
    });

    it('answers a text before the next one is sent', async () => {
      const stream = client['EmbedStream']?.();
      const next = () => new Promise<{ chunk_id: string }>((resolve) => stream.once('data', resolve));
      for (const chunk_id of ['a', 'b', 'c']) {
        const answer = next();
        stream.write({ chunk_id, text: chunk_id });
        expect((await answer).chunk_id).toBe(chunk_id);
      }
      stream.end();
      stream.resume();
      await new Promise((resolve) => stream.on('status', resolve));
    });

    it('reads no further than its buffer while nobody reads the vectors', async () => {
      const stream = client['EmbedStream']?.();
      const before = await service.counter('sutra_texts_total');
      stream.write({ config: { buffer_size: 3, dimensions: 4096 } });
      for (let i = 0; i < 2000; i++) stream.write({ text: `text ${i}` });
      // grpc-js clients hold back their sender only once they have begun to read.
      stream.once('data', () => stream.pause());
      let done = -1;
      await until(async () => {
        const now = (await service.counter('sutra_texts_total')) - before;
        const still = now === done && now >= 3;
        done = now;
        return still;
      }, 300);
      expect(done).toBeLessThan(500);
      expect(service.app.get(OpenStreams).unread).toBeLessThanOrEqual(3);
      stream.on('error', () => undefined).cancel();
      await until(() => openStreams() === 0);
    });

    it.each([
      ['no chunk at all', [], 'text'],
      ['config in a later chunk', [{ text: 'x' }, { config: {}, text: 'y' }], 'config'],
      ['a chunk without text', [{ text: 'x' }, { chunk_id: 'y' }], 'text'],
      ['a negative position', [{ text: 'x', position: -1 }], 'position'],
      ['a chunk_id that is too long', [{ text: 'x', chunk_id: 'i'.repeat(129) }], 'chunk_id'],
      ['a buffer out of range', [{ config: { buffer_size: 1001 } }], 'buffer_size'],
    ])('refuses %s', async (_, chunks, field) => {
      const stream = client['EmbedStream']?.();
      const failed = streamFailure(stream);
      for (const chunk of chunks) stream.write(chunk);
      stream.end();
      const error = await failed;
      expect(error.code).toBe(status.INVALID_ARGUMENT);
      expect(detailsOf(error)['google.rpc.ErrorInfo'].metadata.field).toBe(field);
      await until(() => openStreams() === 0);
    });
  });

  it('ListModels filters as REST does', async () => {
    const ids = async (query: object) =>
      (await call(client, 'ListModels', query)).value.models.map(({ model_id }: { model_id: string }) => model_id);
    expect(await ids({})).toContain('all-MiniLM-L6-v2');
    expect(await ids({ dimensions: 385 })).not.toContain('all-MiniLM-L6-v2');
    expect((await failure('ListModels', { dimensions: 63 })).code).toBe(status.INVALID_ARGUMENT);
  });

  it('DownloadModel reports a model that ships, and knows no other', async () => {
    const { value } = await call(client, 'DownloadModel', { model_id: 'all-MiniLM-L6-v2' });
    expect(value).toMatchObject({ status: 'ready', progress: 1, reason: '' });
    expect((await failure('DownloadModel', { model_id: 'nobody' })).code).toBe(status.NOT_FOUND);
  });

  it('GetHealth says what REST says', async () => {
    const { value } = await call(client, 'GetHealth', {});
    expect(value).toMatchObject({
      // Degraded where this machine is busy; REST would say so too.
      status: expect.stringMatching(/^HEALTH_STATUS_(HEALTHY|DEGRADED)$/),
      version: '1.0.0',
      checks: { models_available: true },
    });
  });

  it('answers grpc.health.v1', async () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a client made from a .proto at run time has no types
    const loaded = loadPackageDefinition(loadSync(protoPath, { enums: String })) as any;
    const health = new loaded.grpc.health.v1.Health(`127.0.0.1:${port}`, credentials.createInsecure()) as AnyClient;
    expect((await call(health, 'check', { service: 'sutra.embedder.v1.EmbedderService' })).value.status).toBe(
      'SERVING',
    );
    health.close();
  });

  it('describes itself by reflection', async () => {
    const raw = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const bytes = (buffer: Buffer) => buffer;
    const stream = raw.makeBidiStreamRequest('/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', bytes, bytes);
    // ServerReflectionRequest { list_services: "*" }
    stream.write(Buffer.from([0x3a, 0x01, 0x2a]));
    const [answer] = (await new Promise((resolve) => stream.once('data', (data) => resolve([data])))) as [Buffer];
    expect(answer.toString('latin1')).toContain('sutra.embedder.v1.EmbedderService');
    stream.end();
    raw.close();
  });

  it('lives on after bytes that are no HTTP/2', async () => {
    const socket = dial(port, '127.0.0.1').on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => socket.on('close', resolve).resume());
    expect((await call(client, 'GenerateEmbeddings', { texts: ['x'] })).value.embeddings).toHaveLength(1);
  });

  it('leaves nothing behind after connections that come and go', async () => {
    const before = service.app.get(GrpcServer).connections;
    for (let i = 0; i < 50; i++) {
      const session = dialHttp2(`http://127.0.0.1:${port}`);
      const request = session.request({
        ':method': 'POST',
        ':path': '/sutra.embedder.v1.EmbedderService/EmbedStream',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      request.on('error', () => undefined);
      session.on('error', () => undefined);
      await new Promise((resolve) => session.once('connect', resolve));
      session.destroy();
    }
    await until(() => service.app.get(GrpcServer).connections <= before && openStreams() === 0);
  });
});
