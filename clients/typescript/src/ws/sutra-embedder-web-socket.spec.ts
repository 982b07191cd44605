import { ApiError, ConnectionError, UnauthenticatedError, VersionMismatchError } from '../errors.ts';
import { ScriptedServer } from '../testing/scripted-server.ts';
import type { ConnectionState, ErrorResponse, StreamingEmbeddingResponse } from './messages.ts';
import { NodeWebSocket } from './node-web-socket.ts';
import { SutraEmbedderWebSocket, type WebSocketOptions } from './sutra-embedder-web-socket.ts';

const FAST: WebSocketOptions = { reconnectBaseMs: 1, reconnectMaxMs: 5, WebSocket: NodeWebSocket };
const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('SutraEmbedderWebSocket', () => {
  let server: ScriptedServer;
  const sessions: SutraEmbedderWebSocket[] = [];
  const connect = (handlers = {}, options: WebSocketOptions = {}) => {
    const session = new SutraEmbedderWebSocket(server.url, handlers, { ...FAST, ...options });
    sessions.push(session);
    return session;
  };
  beforeEach(async () => void (server = await ScriptedServer.start()));
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    await server.close();
  });

  /** Streams all texts by iteration; each vector holds its text's number. */
  async function streamed(
    session: SutraEmbedderWebSocket,
    count: number,
    onEach: (index: number) => void = () => undefined,
  ) {
    const values: number[] = [];
    for await (const { index, text, embedding } of session.embed(numbers(count), { buffer_size: 10 })) {
      expect([text, embedding[0]]).toEqual([String(index), index]);
      values.push(index);
      onEach(values.length);
    }
    return values.sort((a, b) => a - b);
  }
  const each = (count: number) => Array.from({ length: count }, (_, i) => i);

  describe('by handlers, as the specification has it', () => {
    it('calls them for opening, vectors, state, the end and closing', async () => {
      const messages: StreamingEmbeddingResponse[] = [];
      const states: ConnectionState[] = [];
      const seen: string[] = [];
      const session = connect({
        onOpen: () => seen.push('open'),
        onMessage: (message: StreamingEmbeddingResponse) => messages.push(message),
        onStateChange: (state: ConnectionState) => states.push(state),
        onSummary: () => seen.push('summary'),
        onClose: () => seen.push('close'),
        onError: (error: ErrorResponse) => seen.push(error.payload.error_message),
      });
      session.startStreaming({ dimensions: 384, buffer_size: 7 });
      const ids = [session.addTextChunk('5'), session.addTextChunk('6', true)];
      await until(() => seen.includes('summary'));
      await session.close();
      await until(() => seen.includes('close'));
      expect(messages.map(({ payload }) => payload.chunk_id)).toEqual(ids);
      expect(messages[0]?.payload.metadata.sequence_position).toBe(0);
      expect(seen).toEqual(['open', 'summary', 'close']);
      expect(states.at(-1)).toMatchObject({
        session_id: session.sessionId,
        is_streaming: false,
        chunks_processed: 2,
        average_latency_ms: 2,
      });
      expect(server.actions('stream_embed')[0]?.payload).toMatchObject({
        config: { dimensions: 384, buffer_size: 7 },
        metadata: { session_id: session.sessionId },
      });
      expect(server.actions('handshake')[0]?.payload).toMatchObject({ protocol_version: '1.0' });
    });

    it('acknowledges what the handler has had', async () => {
      const session = connect();
      session.startStreaming();
      const id = session.addTextChunk('1');
      await until(() => server.actions('ack').some(({ payload }) => payload.chunk_ids.includes(id)));
    });

    it('asks the server for its state', async () => {
      expect(await connect().requestState()).toMatchObject({ buffer_utilization: 0.5 });
    });

    it('answers a ping of the server', async () => {
      connect();
      await until(() => server.actions('handshake').length === 1);
      server.send(server.sockets[0] as never, 'ping-1', 'ping', {});
      await until(() => server.received.some(({ type, payload }) => type === 'pong' && payload.ping_id === 'ping-1'));
    });

    it('refuses chunks outside a stream and a second stream inside one', () => {
      const session = connect();
      expect(() => session.addTextChunk('1')).toThrow(/startStreaming/);
      session.startStreaming();
      expect(() => session.startStreaming()).toThrow(/open/);
      session.addTextChunk('1', true);
      expect(() => session.addTextChunk('2')).toThrow(/final/);
    });
  });

  describe('by iteration', () => {
    it('gives each vector once, and one stream after the other over one session', async () => {
      const session = connect();
      expect(await streamed(session, 50)).toEqual(each(50));
      expect(await streamed(session, 50)).toEqual(each(50));
      expect(server.actions('handshake')).toHaveLength(1);
    });

    it('sends no more than the buffer holds while nobody reads, and says so', async () => {
      const session = connect();
      const vectors = session.embed(numbers(100), { buffer_size: 10 });
      await vectors.next();
      await until(() => session.buffer.untaken === 10);
      expect(session.buffer).toEqual({ queued: 0, inFlight: 0, untaken: 10, capacity: 10, utilization: 1 });
      expect(server.embedded.length).toBeLessThanOrEqual(11);
      await vectors.return(undefined);
    });

    it('gives a vector while its source has not ended, and begins the next stream all the same', async () => {
      const session = connect();
      async function* live() {
        yield '1';
        await new Promise<never>(() => undefined);
      }
      const vectors = session.embed(live());
      expect((await vectors.next()).value).toMatchObject({ index: 0, text: '1' });
      await vectors.return(undefined);
      expect(await streamed(session, 20)).toEqual(each(20));
      // The stream without an end stayed with its session; the next one has another.
      expect(server.sessions.size).toBe(2);
    });

    it('throws what the source throws, after what it gave', async () => {
      async function* failing() {
        yield '1';
        throw new Error('source');
      }
      const vectors = connect().embed(failing());
      await vectors.next();
      await expect(vectors.next()).rejects.toThrow('source');
    });

    it('throws what the server says of a chunk', async () => {
      server.intercept = ({ id, payload }, socket) => {
        if (payload.text !== '3') return false;
        const more = { chunk_id: payload.chunk_id, details: { field: 'text' } };
        server.send(socket, id, 'error', { error_code: 'INVALID_ARGUMENT', error_message: 'too long', ...more });
        return true;
      };
      await expect(streamed(connect(), 10)).rejects.toMatchObject({
        name: 'InvalidArgumentError',
        message: 'too long',
      });
    });

    it('throws what the server says of the stream', async () => {
      server.intercept = ({ id, payload }, socket) => {
        if (payload.action !== 'stream_embed') return false;
        server.send(socket, id, 'error', { error_code: 'MODEL_NOT_FOUND', error_message: 'no such model' });
        return true;
      };
      const error = await streamed(connect(), 10).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ code: 'MODEL_NOT_FOUND' });
    });
  });

  describe('loses nothing and gives nothing twice', () => {
    it.each([
      ['whose session is resumed', false],
      ['by a server that has forgotten it', true],
    ])('over connections that break again and again, %s', async (_name, forgetful) => {
      server.forgetful = forgetful;
      const values = await streamed(connect(), 200, (given) => {
        if (given % 17 === 0) server.breakAll();
      });
      expect(values).toEqual(each(200));
      expect(server.actions('handshake').length).toBeGreaterThan(5);
    });

    it('where vectors are lost on their way', async () => {
      let lost = 0;
      server.intercept = ({ payload }, socket) => {
        if (payload.action !== 'add_chunk' || lost >= 3 || Number(payload.text) % 9 !== 8) return false;
        lost++;
        // What is written from here on does not arrive.
        socket.send = () => undefined;
        setTimeout(() => socket.terminate(), 5);
        return false;
      };
      expect(await streamed(connect(), 40)).toEqual(each(40));
      expect(lost).toBe(3);
    });

    it('where the handler counts, after a restart on the same port', async () => {
      const got: string[] = [];
      const session = connect({ onMessage: ({ payload }: StreamingEmbeddingResponse) => got.push(payload.chunk_id) });
      session.startStreaming();
      const ids = numbers(30).map((text) => session.addTextChunk(text));
      await until(() => got.length === 30);
      const { port } = server;
      await server.close();
      ids.push(...numbers(30).map((text, i) => session.addTextChunk(text, i === 29)));
      server = await ScriptedServer.start(port);
      await until(() => got.length >= 60);
      expect(got).toEqual(ids);
    });

    it('where the buffer is full: the chunk goes again after the wait that was asked for', async () => {
      const refused: number[] = [];
      let again = 0;
      server.intercept = ({ id, payload }, socket) => {
        if (payload.action !== 'add_chunk' || payload.text !== '4') return false;
        if (refused.length > 0) {
          again = performance.now();
          return false;
        }
        refused.push(performance.now());
        const more = { chunk_id: payload.chunk_id, retry_after_ms: 30 };
        server.send(socket, id, 'error', { error_code: 'BUFFER_FULL', error_message: 'full', ...more });
        return true;
      };
      const errors: unknown[] = [];
      expect(await streamed(connect({ onError: (error: unknown) => errors.push(error) }), 10)).toEqual(each(10));
      expect(errors).toEqual([]);
      // A timer may fire up to a millisecond early.
      expect(again - (refused[0] as number)).toBeGreaterThanOrEqual(29);
    });

    it('where the server ends the stream to shut down', async () => {
      server.forgetful = true;
      let done = false;
      server.intercept = ({ payload }, socket) => {
        if (done || payload.text !== '15') return false;
        done = true;
        server.send(socket, 'x', 'response', { action: 'stream_embed', status: 'completed', summary: {} });
        socket.close(1001, 'shutting down');
        return true;
      };
      expect(await streamed(connect(), 30)).toEqual(each(30));
    });
  });

  describe('says what is wrong and ends', () => {
    it('where its key is refused', async () => {
      server.intercept = ({ id }, socket) => {
        server.send(socket, id, 'error', { error_code: 'UNAUTHENTICATED', error_message: 'the key is not known' });
        return true;
      };
      const errors: ErrorResponse[] = [];
      const session = connect({ onError: (error: ErrorResponse) => errors.push(error) }, { apiKey: 'wrong' });
      await expect(streamed(session, 3)).rejects.toThrow(UnauthenticatedError);
      expect(server.received[0]?.payload.api_key).toBe('wrong');
      expect(errors.map(({ payload }) => payload.error_code)).toEqual(['UNAUTHENTICATED']);
      expect(() => session.startStreaming()).toThrow(/closed/);
    });

    it('where the server is of another major version', async () => {
      server.handshake = { server_version: '2.0.0' };
      await expect(streamed(connect(), 3)).rejects.toThrow(VersionMismatchError);
    });

    it('where no server is there', async () => {
      const { url } = server;
      await server.close();
      const session = new SutraEmbedderWebSocket(url, {}, { ...FAST, connectAttempts: 2 });
      await expect(streamed(session, 3)).rejects.toThrow(ConnectionError);
      server = await ScriptedServer.start();
    });

    it('where the server does not come back as often as was allowed', async () => {
      const closings: number[] = [];
      const session = connect({ onClose: () => closings.push(1) }, { maxReconnects: 3 });
      await session.requestState();
      await server.close();
      await expect(streamed(session, 3)).rejects.toThrow(/4 attempts/);
      expect(closings).toHaveLength(4);
      server = await ScriptedServer.start();
    });

    it('where it is closed while a loop waits', async () => {
      const session = connect();
      const vectors = session.embed(
        (async function* () {
          yield await new Promise<never>(() => undefined);
        })(),
      );
      const next = vectors.next();
      await session.close();
      await expect(next).rejects.toThrow(/closed/);
    });
  });

  it('notices a server that has fallen silent', async () => {
    const session = connect({}, { heartbeatMs: 20 });
    await until(() => server.actions('handshake').length === 1);
    server.intercept = () => true;
    await until(() => server.received.some(({ type }) => type === 'ping'));
    await until(() => server.actions('handshake').length >= 2);
    server.intercept = () => false;
    expect(await streamed(session, 5)).toEqual(each(5));
  });
});
