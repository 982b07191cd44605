import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { OpenStreams } from '../../apps/api/src/transports/streams/open-streams';
import { queuedTexts, until } from './counters';
import { Service } from './service';

const TEXTS = Array.from({ length: 40 }, (_, i) => `a text about the number ${i} ${'and more '.repeat(i % 7)}`);

interface Line {
  readonly chunk_id: string;
  readonly index: number;
  readonly embedding: number[];
  readonly metadata: Record<string, unknown>;
}

describe('POST /v1/embeddings/stream', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
    await service.app.listen(0, '127.0.0.1');
  });
  afterAll(() => service.close());

  const post = (body: unknown, accept?: string) =>
    service.post('/v1/embeddings/stream', body, accept === undefined ? {} : { accept });
  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line & { summary?: Record<string, unknown>; error?: { code: string } });

  /** A connection of its own, whose answer nobody has to read. */
  const open = (body: object): Promise<{ call: ClientRequest; answer: IncomingMessage }> =>
    new Promise((resolve, reject) => {
      const { port } = service.app.getHttpServer().address() as AddressInfo;
      const call = request({ port, host: '127.0.0.1', method: 'POST', path: '/v1/embeddings/stream', agent: false });
      call.setHeader('content-type', 'application/json').on('error', reject);
      call.on('response', (answer) => resolve({ call, answer: answer.on('error', () => undefined) }));
      call.end(JSON.stringify(body));
    });
  const openStreams = () => service.app.get(OpenStreams).count();

  describe('as NDJSON, the default', () => {
    it('sends one line a text and a summary', async () => {
      const { status, headers, text } = await post({ texts: TEXTS, config: {} });
      expect(status).toBe(200);
      expect(headers['content-type']).toMatch(/^application\/x-ndjson/);
      const lines = linesOf(text);
      const summary = lines.pop()?.summary;
      expect(lines.map(({ index }) => index).sort((a, b) => a - b)).toEqual(TEXTS.map((_, i) => i));
      for (const line of lines) {
        expect(line).toEqual({
          chunk_id: `chunk_${String(line.index).padStart(3, '0')}`,
          index: line.index,
          embedding: expect.any(Array),
          metadata: {
            latency_ms: expect.any(Number),
            timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
            model_used: 'all-MiniLM-L6-v2',
            tokens: expect.any(Number),
            truncated: false,
          },
        });
      }
      expect(summary).toMatchObject({
        chunks: 40,
        dimensions: 384,
        truncated: [],
        notes: [],
        request_id: headers['x-request-id'],
      });
    });

    it('gives the bits that POST /v1/embeddings gives', async () => {
      const config = { dimensions: 128, quantization: 'int4', model: 'all-MiniLM-L6-v2' };
      const whole = await service.embed(TEXTS, {
        dimensions: 128,
        model: config.model,
        config: { quantization: 'int4' },
      });
      const lines = linesOf((await post({ texts: TEXTS, config })).text).slice(0, -1);
      for (const { index, embedding } of lines) expect(Float32Array.from(embedding)).toEqual(whole[index]);
    });

    it('reports texts that lost tokens, and takes model at the top', async () => {
      const { text } = await post({ texts: ['x', 'river '.repeat(400)], model: 'all-MiniLM-L6-v2', config: {} });
      expect(linesOf(text).at(-1)?.summary).toMatchObject({ truncated: [1], precision: 'fp32' });
    });

    it('ends with an error in band after the first vector', async () => {
      const texts = [...TEXTS, 'river '.repeat(400)];
      const { status, text } = await post({ texts, config: { truncate: 'none', buffer_size: 1 } });
      expect(status).toBe(200);
      const lines = linesOf(text);
      expect(lines).toHaveLength(41);
      expect(lines[40]?.error).toMatchObject({
        code: 'INVALID_ARGUMENT',
        details: { field: 'texts[40]', max_tokens: 256 },
      });
    });
  });

  describe('as server-sent events', () => {
    it('sends events with ids, and a summary', async () => {
      const { headers, text } = await post(
        { texts: TEXTS.slice(0, 3), config: { buffer_size: 1 } },
        'text/event-stream',
      );
      expect(headers['content-type']).toMatch(/^text\/event-stream/);
      const events = text
        .trimEnd()
        .split('\n\n')
        .filter((event) => !event.startsWith(':'));
      expect(events.map((event) => /^event: (.*)$/m.exec(event)?.[1])).toEqual([
        'embedding',
        'embedding',
        'embedding',
        'summary',
      ]);
      expect(events.slice(0, 3).map((event) => /^id: (.*)$/m.exec(event)?.[1])).toEqual([
        'chunk_000',
        'chunk_001',
        'chunk_002',
      ]);
      const data = events.map((event) => JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '') as Line);
      expect(data[0]?.embedding).toHaveLength(384);
    });
  });

  it('is described in /docs-json', async () => {
    const { body } = await service.get('/docs-json');
    const operation = body.paths['/v1/embeddings/stream'].post;
    expect(operation.operationId).toBe('stream');
    expect(operation.responses['200'].content).toEqual({
      'application/x-ndjson': { schema: { $ref: '#/components/schemas/StreamingResponse' } },
      'text/event-stream': { schema: { $ref: '#/components/schemas/ServerSentEvent' } },
    });
    const { StreamingRequest, StreamingConfig, StreamingResponse, ServerSentEvent, StreamSummary } =
      body.components.schemas;
    expect(StreamingRequest.required).toEqual(['config', 'texts']);
    expect(StreamingConfig.properties.buffer_size).toMatchObject({ minimum: 1, maximum: 1000, default: 100 });
    expect(StreamingConfig.properties.max_latency_ms).toMatchObject({ minimum: 10, maximum: 5000, default: 100 });
    expect([StreamingResponse, ServerSentEvent, StreamSummary]).not.toContain(undefined);
  });

  describe('refuses before the first byte, with a status', () => {
    it.each([
      [{ config: {} }, 'texts'],
      [{ texts: [], config: {} }, 'texts'],
      [{ texts: Array.from({ length: 1001 }, () => 'x'), config: {} }, 'texts'],
      [{ texts: ['x'] }, 'config'],
      [{ texts: ['x'], config: { buffer_size: 0 } }, 'config.buffer_size'],
      [{ texts: ['x'], config: { buffer_size: 1001 } }, 'config.buffer_size'],
      [{ texts: ['x'], config: { max_latency_ms: 9 } }, 'config.max_latency_ms'],
      [{ texts: ['x'], config: { max_latency_ms: 5001 } }, 'config.max_latency_ms'],
      [{ texts: ['x'], config: { speed: 1 } }, 'config.speed'],
      [{ texts: ['x'], model: 'efficient', config: { model: 'custom' } }, 'model'],
      [{ texts: ['x'], model: 'all-MiniLM-L6-v2', config: { encoding_format: 'packed' } }, 'encoding_format'],
      [{ texts: ['\ud800'], config: {} }, 'texts[0]'],
    ])('%#: 400 naming %s', async (body, field) => {
      const { status, body: answer } = await post(body);
      expect(status).toBe(400);
      expect(answer.error).toMatchObject({ code: 'INVALID_ARGUMENT', details: { field } });
    });

    it('a length that is none', async () => {
      const { status, body } = await post({ texts: ['x'], config: { dimensions: 63 } });
      expect([status, body.error.code]).toEqual([400, 'INVALID_DIMENSIONS']);
    });

    it('a model nobody knows', async () => {
      const { status, body } = await post({ texts: ['x'], config: { model: 'nobody' } });
      expect([status, body.error.code]).toEqual([404, 'MODEL_NOT_FOUND']);
    });
  });

  it('does no more than the buffer and the sockets hold while its reader reads nothing', async () => {
    const before = await service.counter('sutra_texts_total');
    // 4096 dimensions: a record is larger than what the sockets between hold for long.
    const texts = Array.from({ length: 1000 }, (_, i) => `text ${i}`);
    const { call, answer } = await open({ texts, config: { buffer_size: 5, dimensions: 4096 } });
    answer.pause();
    let done = -1;
    await until(async () => {
      const now = (await service.counter('sutra_texts_total')) - before;
      const still = now === done && now >= 5;
      done = now;
      return still;
    }, 300);
    expect(done).toBeLessThan(500);
    expect(service.app.get(OpenStreams).unread).toBeLessThanOrEqual(5);
    // Others are served meanwhile.
    expect(await service.embed(['other'])).toHaveLength(1);
    call.destroy();
    await until(() => openStreams() === 0);
  });

  it('stops when its reader is gone', async () => {
    const texts = Array.from({ length: 1000 }, (_, i) => `${'many words '.repeat(100)} ${i}`);
    const before = await service.counter('sutra_texts_total');
    const { call, answer } = await open({ texts, config: { buffer_size: 1000 } });
    await new Promise((resolve) => answer.once('data', resolve));
    call.destroy();
    await until(() => openStreams() === 0 && queuedTexts(service) === 0);
    const atClose = (await service.counter('sutra_texts_total')) - before;
    expect(atClose).toBeLessThan(1000);
    await service.embed(['the sessions are free again']);
    // What the sessions had in hand when the reader went is finished: two batches each, of two such long texts.
    const inHand = availableParallelism() * 2 * 2;
    expect((await service.counter('sutra_texts_total')) - before).toBeLessThanOrEqual(atClose + 1 + inHand);
  });
});
