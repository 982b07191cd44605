// CPU time of the server for a gRPC request against a REST request of the same text, from one Node client, in turns.
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Corpus } from './corpus/corpus.mjs';
import { interleavedRatio, spread } from './report/statistics.mjs';
import { BuiltServer } from './server/built-server.mjs';
import { cpuSplit, threadCpu } from './server/process-stat.mjs';

const require = createRequire(import.meta.url);
const grpc = require('@grpc/grpc-js');
const { loadSync } = require('@grpc/proto-loader');

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'efficient' },
    requests: { type: 'string', default: '4000' },
    turns: { type: 'string', default: '6' },
    texts: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '16' },
    format: { type: 'string', default: 'float' },
  },
});
/** V8 goes on compiling for so many requests: on a slow machine the first thousand take twice the CPU of later ones. */
const WARM = 2500;
const requests = Number(values.requests);
const turns = Number(values.turns);
const size = Number(values.texts);
const concurrency = Number(values.concurrency);

const server = await BuiltServer.start({ settings: { SUTRA_PRELOAD: values.model } });
try {
  const rest = restCaller(server.url);
  const unary = grpcCaller(server.grpcPort);
  const corpus = new Corpus('short', 5);
  const texts = Array.from({ length: requests }, () => corpus.take(size));
  const warm = Array.from({ length: WARM }, () => corpus.take(size));
  for (const ask of [rest, unary]) await run(ask, warm);

  const restRuns = [await run(rest, texts)];
  const grpcRuns = [];
  for (let i = 0; i < turns; i++) {
    grpcRuns.push(await run(unary, texts));
    restRuns.push(await run(rest, texts));
  }
  for (const part of ['total', 'main']) {
    const of = (runs) => runs.map((split) => (split[part] * 1e6) / requests);
    const { median: ratio, least, most } = interleavedRatio(of(grpcRuns), of(restRuns));
    console.log(
      `${part === 'total' ? 'whole server' : 'main thread'}, CPU a request of ${size} short text(s), ${values.format}: ` +
        `gRPC ${spread(of(grpcRuns))}, REST ${spread(of(restRuns))}; gRPC / REST ${ratio.toFixed(3)} (${least.toFixed(3)} to ${most.toFixed(3)}, ${turns} turns)`,
    );
  }
} finally {
  await server.stop();
}

/** CPU seconds that the server took for all of them. */
async function run(ask, texts) {
  const before = threadCpu(server.pid);
  let next = 0;
  const worker = async () => {
    while (next < texts.length) await ask(texts[next++]);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return cpuSplit(server.pid, before, threadCpu(server.pid));
}

function restCaller(url) {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  return (texts) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ texts, model: values.model, encoding_format: values.format });
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const call = request(`${url}/v1/embeddings`, { method: 'POST', agent, headers }, (answer) => {
        answer
          .on('data', () => undefined)
          .on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(String(answer.statusCode)))));
      });
      call.on('error', reject).end(body);
    });
}

function grpcCaller(port) {
  const proto = fileURLToPath(new URL('../../proto', import.meta.url));
  const definition = loadSync('sutra/embedder/v1/embedder.proto', { keepCase: true, includeDirs: [proto] });
  const { EmbedderService } = grpc.loadPackageDefinition(definition).sutra.embedder.v1;
  // As many connections as REST has: one would share its bookkeeping among all calls.
  const clients = Array.from(
    { length: concurrency },
    () =>
      new EmbedderService(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
        'grpc.use_local_subchannel_pool': 1,
      }),
  );
  const format = `ENCODING_FORMAT_${values.format.toUpperCase()}`;
  let turn = 0;
  return (texts) =>
    new Promise((resolve, reject) => {
      const client = clients[turn++ % clients.length];
      client.GenerateEmbeddings({ texts, model: values.model, encoding_format: format }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
}
