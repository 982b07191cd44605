// CPU time of the server for a gRPC request against a REST request of the same text, from one Node client, in turns.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Corpus } from './corpus/corpus.mjs';
import { compareCost, cpuOf } from './drive/compare-cost.mjs';
import { jsonCaller } from './drive/post-json.mjs';
import { BuiltServer } from './server/built-server.mjs';

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
  const post = jsonCaller(server.url, concurrency);
  const rest = {
    pid: server.pid,
    ask: (texts) => post('/v1/embeddings', { texts, model: values.model, encoding_format: values.format }),
  };
  const unary = { pid: server.pid, ask: grpcCaller(server.grpcPort) };
  const corpus = new Corpus('short', 5);
  const load = { requests: Array.from({ length: requests }, () => corpus.take(size)), turns, concurrency };
  const warm = Array.from({ length: WARM }, () => corpus.take(size));
  for (const side of [rest, unary]) await cpuOf(side, warm, concurrency);

  console.log(`${size} short text(s) a request, ${values.model}, ${values.format}`);
  for (const { line } of await compareCost(['gRPC', unary], ['REST', rest], load)) console.log(line);
} finally {
  await server.stop();
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
