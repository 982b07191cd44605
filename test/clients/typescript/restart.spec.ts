import { SutraEmbedder, SutraEmbedderWebSocket } from '@sutra-embedder/client';
import { RealServer } from './real-server';

const texts = (count: number) => Array.from({ length: count }, (_, i) => `text number ${i}`);
/** Kills that interrupt something: while requests or chunks are under way. */
const KILLS = 3;
/** Each test starts the server so many times, which a busy machine takes its time for. */
jest.setTimeout(300_000);
/** More than the default, which reaches over 40 seconds: a start takes longer than that where the machine is busy. */
const PATIENT = { maxRetries: 30 };

describe('a server that is killed and started again', () => {
  let server: RealServer;
  let expected: readonly Float32Array[];
  beforeAll(async () => {
    server = await RealServer.start();
    expected = (await new SutraEmbedder({ baseUrl: server.url }).embed(texts(1000))).embeddings;
  });
  afterAll(() => RealServer.endAll());

  /** Kills and restarts on the same port, away from whoever asks for it. */
  async function restart(): Promise<void> {
    const { port } = server;
    await server.kill();
    server = await RealServer.start(port);
  }

  it('in the middle of embedMany loses nothing and duplicates nothing', async () => {
    const client = new SutraEmbedder({ baseUrl: server.url, ...PATIENT });
    const many = client.embedMany(texts(1000), {}, { textsPerRequest: 20, concurrency: 4 });
    const indexes: number[] = [];
    const restarts: Promise<void>[] = [];
    for await (const { index, embedding } of many) {
      indexes.push(index);
      expect(embedding).toEqual(expected[index]);
      if (indexes.length % 250 === 1 && restarts.length < KILLS) {
        await restarts.at(-1);
        restarts.push(restart());
      }
    }
    await Promise.all(restarts);
    expect(indexes).toEqual(texts(1000).map((_, i) => i));
    expect(restarts).toHaveLength(KILLS);
    expect(many.progress.retries).toBeGreaterThanOrEqual(KILLS);
  });

  it('in the middle of embedStream loses nothing and duplicates nothing', async () => {
    const client = new SutraEmbedder({ baseUrl: server.url, ...PATIENT });
    const seen = new Set<number>();
    const restarts: Promise<void>[] = [];
    for await (const { index, embedding } of client.embedStream(texts(1000), { buffer_size: 20 })) {
      expect(seen.has(index)).toBe(false);
      expect(embedding).toEqual(expected[index]);
      seen.add(index);
      if (seen.size % 250 === 1 && restarts.length < KILLS) {
        await restarts.at(-1);
        restarts.push(restart());
        // So that the rest cannot have been read ahead.
        await restarts.at(-1);
      }
    }
    expect(seen.size).toBe(1000);
    expect(restarts).toHaveLength(KILLS);
  });

  it('in the middle of a WebSocket stream loses nothing and duplicates nothing', async () => {
    let openings = 0;
    const session = new SutraEmbedderWebSocket(
      server.wsUrl,
      { onOpen: () => openings++ },
      { reconnectBaseMs: 100, reconnectMaxMs: 500 },
    );
    const seen = new Set<number>();
    const restarts: Promise<void>[] = [];
    for await (const { index, embedding } of session.embed(texts(1000), { buffer_size: 20 })) {
      expect(seen.has(index)).toBe(false);
      expect(embedding).toEqual(expected[index]);
      seen.add(index);
      if (seen.size % 250 === 1 && restarts.length < KILLS) {
        await restarts.at(-1);
        restarts.push(restart());
      }
    }
    await Promise.all(restarts);
    await session.close();
    expect(seen.size).toBe(1000);
    expect(openings).toBe(KILLS + 1);
  });
});
