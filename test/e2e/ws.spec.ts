import { ENGINE_VERSION } from '@sutra-embedder/engine';
import { WebSocket } from 'ws';
import { OpenStreams } from '../../apps/api/src/transports/streams/open-streams';
import { WsServer } from '../../apps/api/src/transports/ws/ws-server';
import { queuedTexts, until } from './counters';
import { Service } from './service';
import { WsClient } from './ws-client';

describe('WebSocket /v1/ws', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ SUTRA_WS_MESSAGE_KB: '64', SUTRA_WS_RESUME_MS: '2000' });
    await service.app.listen(0, '127.0.0.1');
  });
  afterAll(() => service.close());

  const server = () => service.app.get(WsServer);
  const streams = () => service.app.get(OpenStreams);
  const nothingOpen = () =>
    until(() => server().connections === 0 && streams().count() === 0 && queuedTexts(service) === 0);

  describe('handshake', () => {
    it('answers with what was agreed on', async () => {
      const client = await WsClient.open(service);
      const { type, timestamp, payload } = await client.request('handshake', {
        session_id: 'session_1',
        protocol_version: '1.0',
        client_capabilities: { supports_compression: true, max_chunk_size: 10000, preferred_dimensions: [384, 9999] },
      });
      expect(type).toBe('response');
      expect(timestamp).toMatch(/^\d{4}-.*Z$/);
      expect(payload).toEqual({
        action: 'handshake',
        session_id: 'session_1',
        protocol_version: '1.0',
        server_version: ENGINE_VERSION,
        resumed: false,
        server_capabilities: {
          supports_compression: false,
          max_chunk_size: 10000,
          max_message_bytes: 65536,
          max_buffer_size: 1000,
          dimensions: { minimum: 64, maximum: 4096 },
          preferred_dimensions: [384],
          idle_timeout_ms: 60000,
          resume_ms: 2000,
        },
      });
      await client.close();
    });

    it('refuses another protocol, and lives on', async () => {
      const client = await WsClient.open(service);
      const { type, payload } = await client.request('handshake', { protocol_version: '2.0' });
      expect(type).toBe('error');
      expect(payload).toMatchObject({ error_code: 'INVALID_ARGUMENT', details: { field: 'protocol_version' } });
      expect((await client.request('handshake', { protocol_version: '1.0' })).type).toBe('response');
      expect((await client.request('handshake', { protocol_version: '1.0' })).type).toBe('error');
      await client.close();
    });

    it('comes before anything else', async () => {
      const client = await WsClient.open(service);
      const { payload } = await client.request('stream_embed', { config: {} });
      expect(payload.error_message).toContain('handshake');
      await client.close();
    });

    it('compresses where both want it', async () => {
      const compressing = await Service.start({ SUTRA_WS_COMPRESSION: 'on' });
      await compressing.app.listen(0, '127.0.0.1');
      for (const perMessageDeflate of [true, false]) {
        const client = await WsClient.open(compressing, { perMessageDeflate });
        const { payload } = await client.request('handshake', { protocol_version: '1.0' });
        expect(payload.server_capabilities.supports_compression).toBe(perMessageDeflate);
        await client.close();
      }
      await compressing.close();
    });
  });

  describe('a stream', () => {
    it('answers each chunk, keeping id and position, and ends with a summary', async () => {
      const client = await WsClient.greeted(service, { session_id: 's' });
      const started = await client.request('stream_embed', {
        config: { dimensions: 128, buffer_size: 10, max_latency_ms: 50, model: 'efficient' },
        metadata: { session_id: 's', user_id: 'u' },
      });
      expect(started.payload).toMatchObject({
        action: 'stream_embed',
        status: 'started',
        config: { dimensions: 128, buffer_size: 10, max_latency_ms: 50, model: 'all-MiniLM-L6-v2' },
      });
      const id = client.send('add_chunk', { chunk_id: 'a', text: 'first', position: 7 });
      client.send('add_chunk', { chunk_id: 'b', text: 'second', is_final: true });
      expect(await client.chunk('a')).toEqual({
        id,
        type: 'response',
        timestamp: expect.any(String),
        payload: {
          chunk_id: 'a',
          embedding: expect.any(Array),
          metadata: {
            latency_ms: expect.any(Number),
            sequence_position: 7,
            model_used: 'all-MiniLM-L6-v2',
            quality_score: 56.26,
            tokens: 3,
            truncated: false,
          },
        },
      });
      const second = await client.chunk('b');
      expect([second.payload.embedding.length, second.payload.metadata.sequence_position]).toEqual([128, 1]);
      expect((await client.summary()).payload.summary).toMatchObject({
        chunks_processed: 2,
        chunks_failed: 0,
        tokens: 6,
        user_id: 'u',
      });
      // The session goes on.
      expect((await client.request('stream_embed', { config: {} })).payload.status).toBe('started');
      await client.close();
      await nothingOpen();
    });

    it('lets one chunk fail without the others', async () => {
      const client = await WsClient.streaming(service, { truncate: 'none' });
      client.send('add_chunk', { chunk_id: 'long', text: 'river '.repeat(400) });
      client.send('add_chunk', { chunk_id: 'fine', text: 'x', is_final: true });
      const error = await client.find(({ type }) => type === 'error');
      expect(error.payload).toMatchObject({ error_code: 'INVALID_ARGUMENT', chunk_id: 'long' });
      expect((await client.chunk('fine')).payload.embedding).toHaveLength(384);
      expect((await client.summary()).payload.summary).toMatchObject({ chunks_processed: 2, chunks_failed: 1 });
      await client.close();
    });

    it('answers BUFFER_FULL with a time to wait, and takes the chunk later', async () => {
      const client = await WsClient.streaming(service, { buffer_size: 2 });
      for (let i = 0; i < 20; i++) client.send('add_chunk', { chunk_id: `c${i}`, text: `${'word '.repeat(200)} ${i}` });
      const error = await client.find(({ type }) => type === 'error');
      expect(error.payload).toMatchObject({
        error_code: 'BUFFER_FULL',
        chunk_id: expect.stringMatching(/^c\d+$/),
        retry_after_ms: expect.any(Number),
      });
      // Every chunk has one answer: its vector or the error.
      await until(() => client.received.filter(({ payload }) => payload.chunk_id !== undefined).length === 20);
      const answers = await (async () => {
        for (;;) {
          client.send('add_chunk', { chunk_id: error.payload.chunk_id, text: 'again' });
          const from = client.received.length;
          const next = await client.find(({ payload }) => payload.chunk_id === error.payload.chunk_id, from);
          if (next.type === 'response') return next;
        }
      })();
      expect(answers.payload.embedding).toHaveLength(384);
      await client.close();
    });

    it('reports its state', async () => {
      const client = await WsClient.streaming(service, { buffer_size: 4 }, { session_id: 'stateful' });
      client.send('add_chunk', { chunk_id: 'a', text: 'x' });
      await client.chunk('a');
      const { payload } = await client.request('state', {});
      expect(payload.state).toEqual({
        session_id: 'stateful',
        is_streaming: true,
        buffer_utilization: 0,
        chunks_processed: 1,
        average_latency_ms: expect.any(Number),
        last_activity: expect.stringMatching(/^\d{4}-.*Z$/),
      });
      await client.close();
    });
  });

  describe('what is wrong is named, and the connection lives', () => {
    let client: WsClient;
    beforeAll(async () => void (client = await WsClient.streaming(service)));
    afterAll(() => client.close());
    const request = (payload: object) => ({ id: 'm1', type: 'request', timestamp: '', payload });

    it.each([
      ['no JSON', 'hello', 'JSON'],
      ['no object', '[1]', 'object'],
      ['a binary frame', Buffer.from('{}'), 'Binary'],
      ['no id', { type: 'ping' }, 'id must be'],
      ['an id that is too long', { id: 'x'.repeat(129), type: 'ping' }, 'id must be'],
      ['an unknown type', { id: 'm1', type: 'hello' }, 'type must be'],
      ['a response', { id: 'm1', type: 'response', payload: {} }, 'type must be'],
      ['no payload', { id: 'm1', type: 'request' }, 'payload must be'],
      ['no action', { id: 'm1', type: 'request', payload: {} }, 'payload.action'],
      ['an unknown action', request({ action: 'fly' }), 'not known'],
      ['an unknown field', request({ action: 'state', colour: 'red' }), 'colour is not a field'],
      ['a chunk without text', request({ action: 'add_chunk', chunk_id: 'x' }), 'text must be'],
      ['a chunk without id', request({ action: 'add_chunk', text: 'x' }), 'chunk_id must be'],
      ['a second stream', request({ action: 'stream_embed', config: {} }), 'stream open'],
      [
        'a position that is none',
        request({ action: 'add_chunk', chunk_id: 'x', text: 'x', position: 1.5 }),
        'position',
      ],
      ['half a surrogate pair', request({ action: 'add_chunk', chunk_id: 'sur', text: '\ud800' }), 'surrogate'],
      ['ack without ids', request({ action: 'ack', chunk_ids: [] }), 'chunk_ids'],
    ])('%s', async (_, message, words) => {
      const payload = await client.refused(message);
      expect(payload.error_code).toBe('INVALID_ARGUMENT');
      expect(payload.error_message).toContain(words);
    });

    it('a chunk_id that was used', async () => {
      client.send('add_chunk', { chunk_id: 'twice', text: 'x' });
      await client.chunk('twice');
      const payload = await client.refused(request({ action: 'add_chunk', chunk_id: 'twice', text: 'y' }));
      expect(payload).toMatchObject({ error_code: 'INVALID_ARGUMENT', chunk_id: 'twice' });
      expect(payload.error_message).toContain('already sent');
    });

    it('a text that is longer than was agreed on', async () => {
      const small = await WsClient.streaming(service, {}, { client_capabilities: { max_chunk_size: 10 } });
      const payload = await small.refused(request({ action: 'add_chunk', chunk_id: 'x', text: 'x'.repeat(11) }));
      expect(payload).toMatchObject({ error_code: 'PAYLOAD_TOO_LARGE', chunk_id: 'x' });
      await small.close();
    });

    it.each([
      [{ dimensions: 63 }, 'INVALID_DIMENSIONS'],
      [{ buffer_size: 1001 }, 'INVALID_ARGUMENT'],
      [{ model: 'nobody' }, 'MODEL_NOT_FOUND'],
    ])('a stream with %j', async (config, code) => {
      const fresh = await WsClient.greeted(service);
      expect((await fresh.request('stream_embed', { config })).payload.error_code).toBe(code);
      expect((await fresh.request('stream_embed', { config: {} })).payload.status).toBe('started');
      await fresh.close();
    });

    it('but a message over the limit closes with 1009', async () => {
      const large = await WsClient.greeted(service);
      large.raw('x'.repeat(65 * 1024));
      expect((await large.closed).code).toBe(1009);
    });
  });

  describe('ping and pong', () => {
    it('answers a ping', async () => {
      const client = await WsClient.open(service);
      client.raw({ id: 'p1', type: 'ping', timestamp: '', payload: {} });
      expect((await client.find(({ type }) => type === 'pong')).payload).toEqual({ ping_id: 'p1' });
      await client.close();
    });

    it('pings a silent client, and closes on one that does not answer', async () => {
      const impatient = await Service.start({ SUTRA_WS_IDLE_MS: '200' });
      await impatient.app.listen(0, '127.0.0.1');
      const [polite, silent, mute] = await Promise.all([
        WsClient.greeted(impatient),
        WsClient.greeted(impatient),
        WsClient.open(impatient),
      ]);
      polite.socket.on('message', (data) => {
        const { id, type } = JSON.parse(String(data)) as { id: string; type: string };
        if (type === 'ping') polite.raw({ id: `pong_${id}`, type: 'pong', timestamp: '', payload: { ping_id: id } });
      });
      expect((await silent.closed).code).toBe(4408);
      expect((await mute.closed).code).toBe(4401);
      await until(() => polite.received.filter(({ type }) => type === 'ping').length >= 3);
      expect(polite.socket.readyState).toBe(WebSocket.OPEN);
      await polite.close();
      await impatient.close();
    });
  });

  describe('resuming', () => {
    const lose = async (client: WsClient) => {
      client.socket.terminate();
      await until(() => server().sessions.detached === 1);
    };

    it('delivers what was in work, and replays what was not acknowledged', async () => {
      const client = await WsClient.streaming(service, {}, { session_id: 'r1' });
      client.send('add_chunk', { chunk_id: 'acked', text: 'x' });
      await client.chunk('acked');
      expect((await client.request('ack', { chunk_ids: ['acked', 'unknown'] })).payload.acknowledged).toBe(0);
      for (const chunk_id of ['b', 'c', 'd']) client.send('add_chunk', { chunk_id, text: chunk_id });
      for (const chunk_id of ['b', 'c', 'd']) await client.chunk(chunk_id);
      expect((await client.request('ack', { chunk_ids: ['c'] })).payload.acknowledged).toBe(1);
      client.send('add_chunk', { chunk_id: 'late', text: 'many words '.repeat(100) });
      await client.request('state', {});
      await lose(client);

      const again = await WsClient.open(service);
      const { payload } = await again.request('handshake', { protocol_version: '1.0', session_id: 'r1' });
      expect(payload.resumed).toBe(true);
      await again.chunk('late');
      const vectors = again.received.filter(({ payload: { embedding } }) => embedding);
      expect(vectors.map(({ payload: { chunk_id } }) => chunk_id).sort()).toEqual(['b', 'd', 'late']);
      const before = client.received.find(({ payload: { chunk_id } }) => chunk_id === 'b');
      expect(vectors.find(({ payload: { chunk_id } }) => chunk_id === 'b')).toEqual(before);
      again.send('add_chunk', { chunk_id: 'end', text: 'x', is_final: true });
      expect((await again.summary()).payload.summary.chunks_processed).toBe(6);
      await again.close();
      await nothingOpen();
    });

    it('fills the buffer with what an acknowledging client leaves unacknowledged', async () => {
      const client = await WsClient.streaming(service, { buffer_size: 2 });
      await client.request('ack', { chunk_ids: ['none yet'] });
      for (const chunk_id of ['a', 'b']) {
        client.send('add_chunk', { chunk_id, text: 'x' });
        await client.chunk(chunk_id);
      }
      const add = { id: 'm', type: 'request', payload: { action: 'add_chunk', chunk_id: 'c', text: 'x' } };
      expect((await client.refused(add)).error_code).toBe('BUFFER_FULL');
      await client.request('ack', { chunk_ids: ['a'] });
      client.raw(add);
      expect((await client.chunk('c')).payload.embedding).toHaveLength(384);
      await client.close();
    });

    it('replays nothing to a client that never acknowledged', async () => {
      const client = await WsClient.streaming(service, {}, { session_id: 'r2' });
      client.send('add_chunk', { chunk_id: 'a', text: 'x' });
      await client.chunk('a');
      await lose(client);
      const again = await WsClient.open(service);
      expect((await again.request('handshake', { protocol_version: '1.0', session_id: 'r2' })).payload.resumed).toBe(
        true,
      );
      again.send('add_chunk', { chunk_id: 'b', text: 'x', is_final: true });
      await again.summary();
      expect(again.received.filter(({ payload }) => payload.embedding).map(({ payload }) => payload.chunk_id)).toEqual([
        'b',
      ]);
      await again.close();
    });

    it('takes a session over from a connection that only seems to live', async () => {
      const client = await WsClient.streaming(service, {}, { session_id: 'r3' });
      const again = await WsClient.open(service);
      expect((await again.request('handshake', { protocol_version: '1.0', session_id: 'r3' })).payload.resumed).toBe(
        true,
      );
      expect((await client.closed).code).toBe(4409);
      again.send('add_chunk', { chunk_id: 'a', text: 'x' });
      await again.chunk('a');
      await again.close();
    });

    it('ends after its time, and at once where nothing would be lost or the client said goodbye', async () => {
      const client = await WsClient.streaming(service);
      await lose(client);
      await until(() => server().sessions.detached === 0 && streams().count() === 0);
      const idle = await WsClient.greeted(service);
      idle.socket.terminate();
      await nothingOpen();
      expect(server().sessions).toEqual({ attached: 0, detached: 0 });
      const leaving = await WsClient.streaming(service);
      await leaving.close();
      await nothingOpen();
      expect(server().sessions).toEqual({ attached: 0, detached: 0 });
    });
  });

  describe('faults', () => {
    it('leave nothing behind when a client is killed mid-stream', async () => {
      const clients = await Promise.all(Array.from({ length: 10 }, () => WsClient.streaming(service)));
      // No two alike: equal texts are computed once, and then hardly any of them waits.
      const add = (who: number, i: number) =>
        clients[who]?.send('add_chunk', { chunk_id: `c${i}`, text: `${'many words '.repeat(50)} ${who} ${i}` });
      // First alone: behind the others' chunks it might be refused for the wait, which a busy machine makes long.
      const answers = clients.map((client, who) => {
        add(who, 0);
        return client.find(({ payload }) => payload.chunk_id === 'c0');
      });
      expect((await Promise.all(answers)).filter(({ type }) => type !== 'response')).toEqual([]);
      clients.forEach((_, who) => {
        for (let i = 1; i < 50; i++) add(who, i);
      });
      await until(() => queuedTexts(service) > 0);
      clients.forEach(({ socket }) => socket.terminate());
      await nothingOpen();
      await until(() => server().sessions.detached === 0);
      expect(await service.embed(['the sessions are free again'])).toHaveLength(1);
    });

    it('stop a reader that reads nothing at its buffer, and nobody else', async () => {
      const client = await WsClient.streaming(service, { buffer_size: 5, dimensions: 4096 });
      const before = await service.counter('sutra_texts_total');
      client.socket.pause();
      for (let i = 0; i < 2000; i++) client.send('add_chunk', { chunk_id: `c${i}`, text: `text ${i}` });
      let done = -1;
      await until(async () => {
        const now = (await service.counter('sutra_texts_total')) - before;
        const still = now === done && now >= 5;
        done = now;
        return still;
      }, 300);
      expect(done).toBeLessThan(500);
      expect(streams().unread).toBeLessThanOrEqual(5);
      expect(await service.embed(['other'])).toHaveLength(1);
      client.socket.resume();
      // Nothing was lost in silence: each chunk has its vector or its BUFFER_FULL.
      await until(() => new Set(client.received.map(({ payload }) => payload.chunk_id)).size >= 2000);
      await client.close();
    });

    it('leave no session after many connects and disconnects', async () => {
      for (let round = 0; round < 10; round++) {
        await Promise.all(
          Array.from({ length: 20 }, async (_, i) => {
            const client = await WsClient.open(service);
            if (i % 2) client.send('handshake', { protocol_version: '1.0' });
            client.socket.terminate();
          }),
        );
      }
      await nothingOpen();
      expect(server().sessions).toEqual({ attached: 0, detached: 0 });
    });
  });

  describe('refuses to open', () => {
    const status = async (path: string, options = {}) => {
      const address = service.app.getHttpServer().address() as { port: number };
      const socket = new WebSocket(`ws://127.0.0.1:${address.port}${path}`, options);
      return new Promise((resolve) => {
        socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode));
        socket.on('open', () => {
          socket.close();
          resolve(101);
        });
        socket.on('error', () => undefined);
      });
    };

    it('another path', async () => expect(await status('/v1/other')).toBe(404));
    it('a page of another origin', async () => {
      expect(await status('/v1/ws', { origin: 'https://elsewhere.example' })).toBe(403);
    });

    it('one session too many', async () => {
      const small = await Service.start({ SUTRA_WS_SESSIONS: '2' });
      await small.app.listen(0, '127.0.0.1');
      const clients = [await WsClient.open(small), await WsClient.open(small)];
      await expect(WsClient.open(small)).rejects.toThrow('429');
      await clients[0]?.close();
      await until(() => small.app.get(WsServer).connections === 1);
      await (await WsClient.open(small)).close();
      await small.close();
    });
  });

  it('finishes what was accepted and closes with 1001 when the server shuts down', async () => {
    const leaving = await Service.start();
    await leaving.app.listen(0, '127.0.0.1');
    const busy = await WsClient.streaming(leaving);
    const idle = await WsClient.greeted(leaving);
    for (let i = 0; i < 30; i++) busy.send('add_chunk', { chunk_id: `c${i}`, text: 'many words '.repeat(50) });
    await busy.request('state', {});
    const closed = leaving.close();
    expect((await busy.closed).code).toBe(1001);
    expect((await idle.closed).code).toBe(1001);
    await closed;
    const answered = busy.received.filter(({ payload }) => payload.embedding).length;
    const { summary } = busy.received.at(-1)?.payload as { summary: { chunks_processed: number } };
    expect([answered, summary.chunks_processed]).toEqual([30, 30]);
  });
});
