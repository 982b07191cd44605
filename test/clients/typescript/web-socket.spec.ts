import { SutraEmbedder, SutraEmbedderWebSocket, type WebSocketSummary } from '@sutra-embedder/client';
import { RealServer } from './real-server';

const TEXTS = Array.from({ length: 120 }, (_, i) => `number ${i}`);

describe('SutraEmbedderWebSocket against the running server', () => {
  let server: RealServer;
  let expected: readonly Float32Array[];
  beforeAll(async () => {
    server = await RealServer.start();
    expected = (await new SutraEmbedder({ baseUrl: server.url }).embed(TEXTS)).embeddings;
  });
  afterAll(() => server.stop());

  it('gives the bits of REST, by handlers', async () => {
    const vectors: Float32Array[] = [];
    const errors: unknown[] = [];
    const summary = await new Promise<WebSocketSummary>((resolve) => {
      const session = new SutraEmbedderWebSocket(server.wsUrl, {
        onMessage: ({ payload }) => {
          vectors[payload.metadata.sequence_position as number] = Float32Array.from(payload.embedding as number[]);
        },
        onError: (error) => errors.push(error),
        onSummary: (given) => void session.close().then(() => resolve(given)),
      });
      session.startStreaming({ dimensions: 384 });
      TEXTS.forEach((text, i) => session.addTextChunk(text, i === TEXTS.length - 1));
    });
    expect(errors).toEqual([]);
    expect(vectors).toEqual(expected);
    expect(summary).toMatchObject({ chunks_processed: 120, dimensions: 384 });
  });

  it('gives the bits of REST, by iteration, several streams over one session', async () => {
    const session = new SutraEmbedderWebSocket(server.wsUrl);
    const { sessionId } = session;
    for (const buffer_size of [5, 100]) {
      const vectors: Float32Array[] = [];
      for await (const { index, embedding } of session.embed(TEXTS, { buffer_size })) vectors[index] = embedding;
      expect(vectors).toEqual(expected);
    }
    expect(session.sessionId).toBe(sessionId);
    expect(await session.requestState()).toMatchObject({ session_id: sessionId, chunks_processed: 240 });
    await session.close();
  });

  it('streams what is written while it is written', async () => {
    const session = new SutraEmbedderWebSocket(server.wsUrl);
    let release: () => void = () => undefined;
    async function* live() {
      for (const text of TEXTS.slice(0, 3)) {
        yield text;
        await new Promise<void>((resolve) => (release = resolve));
      }
    }
    const seen: number[] = [];
    for await (const { index, embedding } of session.embed(live())) {
      expect(embedding).toEqual(expected[index]);
      seen.push(index);
      release();
    }
    expect(seen).toEqual([0, 1, 2]);
    await session.close();
  });

  it('throws what the server says, and serves the next stream', async () => {
    const session = new SutraEmbedderWebSocket(server.wsUrl);
    const all = async (texts: string[], model?: string) => {
      let count = 0;
      for await (const _ of session.embed(texts, model === undefined ? {} : { model })) count++;
      return count;
    };
    await expect(all(TEXTS, 'gpt-7')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(await all(TEXTS)).toBe(120);
    await session.close();
  });
});
