// Readers that stop reading: what they cost the server's memory, and the other users. Memory is what is held after a
// collection, on the heap of V8 and off it; RSS beside it also holds what the allocator keeps for later.
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Corpus } from './corpus/corpus.mjs';
import { median } from './report/statistics.mjs';
import { BuiltServer } from './server/built-server.mjs';
import { ask, PRELOAD } from './server/preload.mjs';
import { residentBytes } from './server/process-stat.mjs';
import { WsUser } from './streams/ws-user.mjs';

const require = createRequire(import.meta.url);
const grpc = require('@grpc/grpc-js');
const { loadSync } = require('@grpc/proto-loader');

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'efficient' },
    seconds: { type: 'string', default: '30' },
    turns: { type: 'string', default: '3' },
    slice: { type: 'string', default: '10' },
    buffer: { type: 'string', default: '100' },
  },
});
const seconds = Number(values.seconds);
const turns = Number(values.turns);
const buffer = Number(values.buffer);
const DIMENSIONS = 4096;
const texts = Array.from({ length: 1000 }, (_, i) => `text number ${i}`);
const config = { model: values.model, buffer_size: buffer, dimensions: DIMENSIONS };

const WAYS = [
  ['NDJSON', () => stalledRest('application/x-ndjson')],
  ['SSE', () => stalledRest('text/event-stream')],
  ['gRPC', stalledGrpc],
  ['WebSocket', stalledWs],
];

const server = await BuiltServer.start({
  settings: { SUTRA_PRELOAD: values.model, SUTRA_WS_RESUME_MS: '1000', SUTRA_QUEUE_MS: '60000' },
  nodeOptions: ['--expose-gc', ...PRELOAD],
});
try {
  const corpus = new Corpus('short', 7);
  const others = () => throughput(Number(values.slice));
  await others();
  // Every code path once, so that what is measured afterwards is the stall.
  for (const [, stall] of WAYS) (await stall())();
  await others();
  const without = [await others()];
  const withStalled = [];
  for (let i = 0; i < turns; i++) {
    const releases = [];
    for (const [, stall] of WAYS) releases.push(await stall());
    await still();
    withStalled.push(await others());
    releases.forEach((release) => release());
    await sleep(1000);
    without.push(await others());
  }
  console.log(
    `texts a second of 8 other users: ${spread(without)} without, ${spread(withStalled)} beside ${WAYS.length} stalled readers (${WAYS.map(([name]) => name).join(', ')})`,
  );

  const bound = buffer * DIMENSIONS * 4;
  for (const [name, stall] of WAYS) {
    await settled();
    const before = await memory();
    const release = await stall();
    const samples = [];
    for (let i = 0; i < seconds; i++) {
      await sleep(1000);
      samples.push(residentBytes(server.pid).now);
    }
    const after = await memory();
    const unread = await unreadTexts();
    console.log(
      `${name}, not read for ${seconds} s: ${megabytes(after.held - before.held)} more held ` +
        `(heap ${megabytes(after.heapUsed - before.heapUsed)}, off heap ${megabytes(after.external - before.external)}), ` +
        `RSS ${megabytes(median(samples.slice(-5)) - before.rss)}; ${unread} texts unread, whose bound of ${buffer} vectors is ${megabytes(bound)}`,
    );
    release();
  }

  async function memory() {
    const { heapUsed, external } = await ask(server, { task: 'memory' });
    return { heapUsed, external, held: heapUsed + external, rss: residentBytes(server.pid).now };
  }

  async function unreadTexts() {
    return Number(
      /^sutra_stream_unread_texts (\d+)/m.exec(await (await fetch(`${server.url}/v1/metrics`)).text())?.[1],
    );
  }

  /** What the stalled readers may have in their buffers is there: nothing is computed for them any more. */
  async function still() {
    for (let before = -1, now = await textsDone(); now !== before; now = await textsDone()) {
      before = now;
      await sleep(2000);
    }
  }

  async function textsDone() {
    const found = (await (await fetch(`${server.url}/v1/metrics`)).text()).matchAll(
      /^sutra_texts_total(?:{[^}]*})? (\d+)/gm,
    );
    return [...found].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /** Whatever was stalled before is gone. */
  async function settled() {
    for (let i = 0; i < 900 && (await unreadTexts()) > 0; i++) await sleep(100);
    await sleep(1000);
  }

  async function throughput(forSeconds) {
    const till = performance.now() + forSeconds * 1000;
    let count = 0;
    const user = async () => {
      while (performance.now() < till) {
        const { status } = await server.post('/v1/embeddings', {
          texts: corpus.take(4),
          model: values.model,
          encoding_format: 'base64',
        });
        if (status !== 200) throw new Error(`refused with ${status}`);
        count += 4;
      }
    };
    await Promise.all(Array.from({ length: 8 }, user));
    return count / forSeconds;
  }
} finally {
  await server.stop();
}

/** Each returns how to end it. */
function stalledRest(accept) {
  return new Promise((resolve, reject) => {
    const call = request(`${server.url}/v1/embeddings/stream`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', accept },
    });
    call.on('error', reject).on('response', (answer) => {
      answer.on('error', () => undefined).pause();
      resolve(() => call.destroy());
    });
    call.end(JSON.stringify({ texts, config }));
  });
}

async function stalledGrpc() {
  const proto = fileURLToPath(new URL('../../proto', import.meta.url));
  const definition = loadSync('sutra/embedder/v1/embedder.proto', { keepCase: true, includeDirs: [proto] });
  const { EmbedderService } = grpc.loadPackageDefinition(definition).sutra.embedder.v1;
  const client = new EmbedderService(`127.0.0.1:${server.grpcPort}`, grpc.credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  const stream = client.StreamEmbeddings({ texts, config });
  stream.on('error', () => undefined);
  await new Promise((resolve) => stream.once('data', resolve));
  stream.pause();
  return () => {
    stream.cancel();
    client.close();
  };
}

async function stalledWs() {
  const user = new WsUser(server.url, config);
  await user.open();
  user.socket.pause();
  for (const text of texts) user.add(text);
  return () => user.socket.terminate();
}

function spread(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  return `${median(figures).toFixed(0)} (${sorted[0].toFixed(0)} to ${sorted.at(-1).toFixed(0)}, ${figures.length} runs)`;
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
