import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { WebSocket } from 'ws';

const require = createRequire(import.meta.url);
const grpc = require('@grpc/grpc-js');
const { loadSync } = require('@grpc/proto-loader');

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', 'a', '\ud800', '[CLS]', 'é'.repeat(300)),
);
const odd = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  text,
  fc.constant([]),
  fc.constant({}),
);
const perhaps = (value) => fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: odd });
const model = fc.constantFrom('efficient', 'ultra-efficient', 'all-MiniLM-L6-v2', 'nobody', '', '../x', 'constructor');
const size = fc.constantFrom(64, 100, 384, 4096, 0, -1, 63, 4097, 2 ** 31);
const config = (value) =>
  fc.record(
    {
      quantization: value(fc.constantFrom('none', 'int8', 'int4', 'binary', 'QUANTIZATION_TYPE_INT8')),
      use_fp16: value(fc.boolean()),
      batch_size: value(fc.constantFrom(1, 8, 256, 0, 257)),
      binary_quantization: value(fc.boolean()),
      hardware_profile: value(fc.constantFrom('auto', 'server', 'h100', 'x')),
      buffer_size: value(fc.constantFrom(1, 10, 1000, 0)),
      dimensions: value(size),
    },
    { requiredKeys: [] },
  );
const request = (value) =>
  fc.record(
    {
      texts: value(fc.array(value(text), { maxLength: 3 })),
      model: value(model),
      dimensions: value(size),
      config: value(config(value)),
      encoding_format: value(fc.constantFrom('float', 'base64', 'packed', 'ENCODING_FORMAT_PACKED')),
      truncate: value(fc.constantFrom('start', 'end', 'none')),
      input_type: value(fc.constantFrom('query', 'passage', 'x')),
      input: value(text),
      text: value(text),
      chunk_id: value(text),
      model_id: value(model),
    },
    { requiredKeys: [] },
  );
const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
const json = fc.oneof(
  { weight: 5, arbitrary: request(perhaps).map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: bytes },
);

const POSTS = [
  '/v1/embeddings',
  '/v1/embeddings/stream',
  '/v1/models/efficient/download',
  '/v1/models/nobody/download',
];

/** Bodies and headers over REST. A finding is what no client should ever be answered. */
async function fuzzRest({ url }, seed, count, found) {
  const arbitrary = fc.record({
    path: fc.constantFrom(...POSTS),
    body: json,
    type: fc.constantFrom('application/json', 'application/json', 'application/json', 'text/plain', 'x'),
    accept: fc.constantFrom('*/*', 'text/event-stream', 'application/x-ndjson', ';;'),
  });
  await each(arbitrary, seed, count, async ({ path, body, type, accept }) => {
    const headers = { 'content-type': type, accept };
    const answer = await fetch(url + path, { method: 'POST', headers, body, signal: AbortSignal.timeout(60_000) });
    const said = await answer.text();
    if (answer.status >= 500 || /"code":"INTERNAL"/.test(said))
      found('REST', answer.status, { path, body: String(body), type });
  });
}

const METHODS = ['GenerateEmbeddings', 'ListModels', 'DownloadModel', 'GetHealth', 'StreamEmbeddings', 'EmbedStream'];
const REFUSALS = new Set(['OK', 'INVALID_ARGUMENT', 'NOT_FOUND', 'RESOURCE_EXHAUSTED']);

/** Messages, and bytes that are none, over gRPC. */
async function fuzzGrpc({ grpcPort }, seed, count, found) {
  const folder = fileURLToPath(new URL('../../../proto', import.meta.url));
  const definition = loadSync('sutra/embedder/v1/embedder.proto', { keepCase: true, includeDirs: [folder] });
  const service = definition['sutra.embedder.v1.EmbedderService'];
  const client = new grpc.Client(`127.0.0.1:${grpcPort}`, grpc.credentials.createInsecure());
  const arbitrary = fc.record({
    method: fc.constantFrom(...METHODS),
    message: fc.oneof({ weight: 4, arbitrary: request(perhaps) }, { weight: 1, arbitrary: bytes }),
  });
  await each(arbitrary, seed, count, async ({ method, message }) => {
    const { path, requestSerialize, requestStream } = service[method];
    let sent = message;
    if (!Buffer.isBuffer(message)) {
      try {
        sent = requestSerialize(message);
      } catch {
        return; // What a client cannot even write.
      }
    }
    const code = await new Promise((resolve) => {
      const options = { deadline: Date.now() + 60_000 };
      const same = (buffer) => buffer;
      const call = requestStream
        ? client.makeBidiStreamRequest(path, same, same, new grpc.Metadata(), options)
        : client.makeServerStreamRequest(path, same, same, sent, new grpc.Metadata(), options);
      call.on('data', () => undefined);
      call.on('error', () => undefined);
      call.on('status', (status) => resolve(grpc.status[status.code]));
      if (requestStream) {
        call.write(sent);
        call.end();
      }
    });
    if (!REFUSALS.has(code)) found('gRPC', code, { method, sent: sent.toString('hex') });
  });
  client.close();
}

const MESSAGE = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record(
        {
          id: perhaps(fc.constantFrom('a', 'b', 'c')),
          type: perhaps(fc.constantFrom('request', 'request', 'request', 'ping', 'pong')),
          timestamp: perhaps(fc.constant('2026-01-01T00:00:00Z')),
          payload: perhaps(
            fc
              .tuple(fc.constantFrom('handshake', 'stream_embed', 'add_chunk', 'ack', 'state', 'x'), request(perhaps))
              .map(([action, fields]) => ({ action, protocol_version: '1.0', ...fields })),
          ),
        },
        { requiredKeys: ['type'] },
      )
      .map((value) => JSON.stringify(value)),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: bytes },
);

/** Messages over WebSockets: some before a handshake, some after one, some within a stream. */
async function fuzzWs({ url }, seed, count, found) {
  const PER_CONNECTION = 20;
  const arbitrary = fc.record({
    messages: fc.array(MESSAGE, { minLength: PER_CONNECTION, maxLength: PER_CONNECTION }),
    greeted: fc.boolean(),
    streaming: fc.boolean(),
  });
  const ask = (action, payload) =>
    JSON.stringify({ id: 'm', type: 'request', timestamp: new Date().toISOString(), payload: { action, ...payload } });
  await each(arbitrary, seed, Math.ceil(count / PER_CONNECTION), async ({ messages, greeted, streaming }) => {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/ws`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.on('error', () => undefined);
    let answered = () => undefined;
    socket.on('message', (data) => {
      const { type, payload } = JSON.parse(String(data));
      if (
        type === 'error' &&
        ![
          'INVALID_ARGUMENT',
          'INVALID_DIMENSIONS',
          'MODEL_NOT_FOUND',
          'BUFFER_FULL',
          'PAYLOAD_TOO_LARGE',
          'OVERLOADED',
        ].includes(payload.error_code)
      )
        found('WebSocket', payload.error_code, { messages: messages.map(String) });
      if (type === 'pong' && payload.ping_id === 'last') answered();
    });
    if (greeted) socket.send(ask('handshake', { protocol_version: '1.0' }));
    if (greeted && streaming) socket.send(ask('stream_embed', { config: {} }));
    for (const message of messages) socket.send(message);
    // Messages are answered in order: once this one is, all before it are.
    const done = new Promise((resolve, reject) => {
      answered = resolve;
      socket.once('close', resolve);
      setTimeout(() => reject(new Error('A WebSocket was not answered for a minute')), 60_000).unref();
    });
    socket.send(JSON.stringify({ id: 'last', type: 'ping', timestamp: new Date().toISOString() }));
    await done;
    socket.close();
  });
}

async function each(arbitrary, seed, count, act) {
  const values = fc.sample(arbitrary, { seed, numRuns: count });
  const width = 8;
  await Promise.all(
    Array.from({ length: width }, async (_, lane) => {
      for (let i = lane; i < values.length; i += width) await act(values[i]);
    }),
  );
}

/**
 * @param {{ url: string, grpcPort: number }} server
 * @param {number} count of requests, a third over each transport
 * @returns {Promise<{ transport: string, answer: unknown, input: object }[]>} answers that no client should ever get
 */
export async function fuzz(server, count, seed = 1) {
  const findings = [];
  const found = (transport, answer, input) => findings.push({ transport, answer, input });
  for (const one of [fuzzRest, fuzzGrpc, fuzzWs]) await one(server, seed, Math.ceil(count / 3), found);
  return findings;
}
