// Runs in the browser, against a server of another origin. The client is the built one, loaded without a bundler.
import { cosineSimilarity, InvalidDimensionsError, SutraEmbedder, SutraEmbedderWebSocket } from '/client/index.js';

const texts = Array.from({ length: 80 }, (_, i) => `number ${i}`);

function check(condition, message) {
  if (!condition) throw new Error(message);
}

function sameVectors(a, b) {
  return a.length === b.length && a.every((vector, i) => vector.every((value, j) => Object.is(value, b[i][j])));
}

const tests = {
  async 'REST: base64, float and packed'(client) {
    const base64 = await client.embed(texts);
    const float = await client.embed(texts, { encoding_format: 'float' });
    check(base64.embeddings[0] instanceof Float32Array, 'base64 gives Float32Array');
    check(sameVectors(base64.embeddings, float.embeddings), 'base64 and float are the same bits');
    const packed = await client.embed(texts, { encoding_format: 'packed' });
    check(packed.embeddings[0] instanceof Int8Array, 'packed gives Int8Array');
    check(cosineSimilarity(packed.embeddings[0], base64.embeddings[0]) > 0.999999, 'codes point where values do');
  },
  async 'REST: many texts, models, health'(client) {
    const many = await client.embedMany(texts, {}, { textsPerRequest: 9 }).all();
    check(sameVectors(many, (await client.embed(texts)).embeddings), 'embedMany gives the bits of embed');
    check(
      (await client.models()).some(({ model_id }) => model_id === 'all-MiniLM-L6-v2'),
      'the shipped model is listed',
    );
    check((await client.health()).status === 'healthy', 'the server is healthy');
  },
  async 'REST: errors and headers cross origins'(client, { api }) {
    const error = await client.embed('x', { dimensions: 9000 }).catch((thrown) => thrown);
    check(error instanceof InvalidDimensionsError, 'errors are typed');
    const { headers } = await fetch(`${api}/v1/health`);
    check(headers.get('x-sutra-version') !== null, 'the page may read the version');
    check(headers.get('x-request-id') !== null, 'the page may read the request id');
  },
  async 'REST: a request ends when its signal aborts'(client) {
    const reason = new Error('enough');
    const controller = new AbortController();
    const long = Array.from({ length: 1000 }, (_, i) => `${'word '.repeat(200)}${i}`);
    setTimeout(() => controller.abort(reason), 50);
    const error = await client.embed(long, {}, { signal: controller.signal }).catch((thrown) => thrown);
    check(error === reason, `it throws the reason, not ${error}`);
  },
  NDJSON: (client) => streamed(client, 'ndjson'),
  SSE: (client) => streamed(client, 'sse'),
  async 'WebSocket: by iteration'(client, { ws }) {
    const session = new SutraEmbedderWebSocket(ws);
    const vectors = [];
    for await (const { index, embedding } of session.embed(texts, { buffer_size: 8 })) vectors[index] = embedding;
    check(sameVectors(vectors, (await client.embed(texts)).embeddings), 'the WebSocket gives the bits of REST');
    await session.close();
  },
  async 'WebSocket: by handlers'(client, { ws }) {
    const expected = (await client.embed(texts)).embeddings;
    const vectors = [];
    await new Promise((resolve, reject) => {
      const session = new SutraEmbedderWebSocket(ws, {
        onMessage: ({ payload }) =>
          (vectors[payload.metadata.sequence_position] = Float32Array.from(payload.embedding)),
        onError: ({ payload }) => reject(new Error(payload.error_message)),
        onSummary: () => session.close().then(resolve),
      });
      session.startStreaming({});
      texts.forEach((text, i) => session.addTextChunk(text, i === texts.length - 1));
    });
    check(sameVectors(vectors, expected), 'the WebSocket gives the bits of REST');
  },
};

async function streamed(client, form) {
  const vectors = [];
  for await (const { index, embedding } of client.embedStream(texts, {}, { form })) vectors[index] = embedding;
  check(sameVectors(vectors, (await client.embed(texts)).embeddings), 'the stream gives the bits of REST');
}

/** @param {{ api: string, ws: string }} server @returns {Promise<{ name: string, error: string | null }[]>} */
window.runTests = async (server) => {
  const results = [];
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test(new SutraEmbedder({ baseUrl: server.api }), server);
      results.push({ name, error: null });
    } catch (error) {
      results.push({ name, error: String(error?.stack ?? error) });
    }
  }
  return results;
};

/** What a page of an origin that was not named gets to see. */
window.runRefused = async ({ api, ws }) => {
  const rest = await new SutraEmbedder({ baseUrl: api, maxRetries: 0 }).health().then(
    () => 'answered',
    (error) => error.code,
  );
  const session = new SutraEmbedderWebSocket(ws, {}, { connectAttempts: 1 });
  const stream = await session
    .embed(['x'])
    .next()
    .then(
      () => 'answered',
      (error) => error.code,
    );
  return { rest, stream };
};
