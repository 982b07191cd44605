// SIGTERM under load over REST, gRPC and WebSocket at once: what was accepted is answered, and the server exits with 0.
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Corpus } from './corpus/corpus.mjs';
import { BuiltServer } from './server/built-server.mjs';
import { WsUser } from './streams/ws-user.mjs';

const require = createRequire(import.meta.url);
const grpc = require('@grpc/grpc-js');
const { loadSync } = require('@grpc/proto-loader');

const ROUNDS = Number(process.argv[2] ?? 3);
const LOAD_MS = 4000;
const GRACE_MS = 30_000;
const CALLERS = { REST: 24, gRPC: 8, WebSocket: 4 };

for (let round = 1; round <= ROUNDS; round++) {
  const server = await BuiltServer.start({ settings: { SUTRA_SHUTDOWN_GRACE_MS: String(GRACE_MS) } });
  const corpus = new Corpus('short', round);
  const counts = Object.fromEntries(Object.keys(CALLERS).map((name) => [name, { served: 0, refused: 0, lost: 0 }]));
  const state = { stopping: false };
  const work = [
    ...Array.from({ length: CALLERS.REST }, () => restCaller(server, corpus, counts.REST, state)),
    ...Array.from({ length: CALLERS.gRPC }, () => grpcCaller(server, corpus, counts.gRPC, state)),
    ...Array.from({ length: CALLERS.WebSocket }, () => wsCaller(server, corpus, counts.WebSocket, state)),
  ];
  await sleep(LOAD_MS);
  const since = performance.now();
  const gone = once(server.child, 'exit');
  server.child.kill('SIGTERM');
  state.stopping = true;
  const [code] = await gone;
  const ms = Math.round(performance.now() - since);
  await Promise.all(work);
  const lines = Object.entries(counts).map(
    ([name, { served, refused, lost }]) => `${name} ${served} served, ${refused} not taken, ${lost} lost`,
  );
  console.log(`round ${round}: exit code ${code} after ${ms} ms; ${lines.join('; ')}`);
  if (code !== 0 || ms > GRACE_MS || Object.values(counts).some(({ lost }) => lost > 0)) process.exitCode = 1;
}

/**
 * One connection a caller, opened long before the signal. A request that was sent on it before the signal must be
 * answered; a later one may find the connection closed.
 */
async function restCaller(server, corpus, count, state) {
  const { hostname, port } = new URL(server.url);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (;;) {
    const mustServe = !state.stopping;
    const body = JSON.stringify({ texts: corpus.take(1), encoding_format: 'base64' });
    const outcome = await new Promise((resolve) => {
      const call = request({
        hostname,
        port,
        path: '/v1/embeddings',
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': body.length },
      });
      call.on('error', () => resolve(mustServe ? 'lost' : 'refused'));
      call.on('response', (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode === 200 ? 'served' : mustServe ? 'lost' : 'refused'));
        answer.on('error', () => resolve('lost'));
      });
      call.end(body);
    });
    count[outcome]++;
    if (outcome !== 'served' && state.stopping) return agent.destroy();
  }
}

/** A call that began before the signal must be answered; later ones may find nobody who takes them (UNAVAILABLE). */
async function grpcCaller(server, corpus, count, state) {
  const includeDirs = [fileURLToPath(new URL('../../proto', import.meta.url))];
  const definition = loadSync('sutra/embedder/v1/embedder.proto', { keepCase: true, includeDirs });
  const Client = grpc.loadPackageDefinition(definition).sutra.embedder.v1.EmbedderService;
  const client = new Client(`127.0.0.1:${server.grpcPort}`, grpc.credentials.createInsecure());
  for (;;) {
    const mustServe = !state.stopping;
    const outcome = await new Promise((resolve) =>
      client.GenerateEmbeddings({ texts: corpus.take(1) }, (error) => {
        if (!error) resolve('served');
        else resolve(error.code === grpc.status.UNAVAILABLE && !mustServe ? 'refused' : 'lost');
      }),
    );
    count[outcome]++;
    if (outcome !== 'served' && state.stopping) return client.close();
  }
}

/** One chunk at a time; one that was on its way when the connection was closed for the shutdown was not taken. */
async function wsCaller(server, corpus, count, state) {
  const user = new WsUser(server.url);
  await user.open();
  let code;
  user.socket.on('close', (closedWith) => (code = closedWith));
  while (!user.closed) {
    const before = user.latencies.length;
    const mustServe = !state.stopping;
    user.add(corpus.take(1)[0]);
    while (user.latencies.length === before && user.errors === 0 && !user.closed) await sleep(1);
    if (user.latencies.length > before) count.served++;
    else if (user.errors > 0) {
      user.errors = 0;
      count[mustServe ? 'lost' : 'refused']++;
      if (state.stopping) await sleep(20);
    } else count[mustServe || code !== 1001 ? 'lost' : 'refused']++;
  }
}
