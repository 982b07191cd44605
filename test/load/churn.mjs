// Clients that come and go in every rude way: nothing of them may be left.
import { connect } from 'node:http2';
import { request } from 'node:http';
import { connect as dial } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { BuiltServer } from './server/built-server.mjs';
import { residentBytes } from './server/process-stat.mjs';
import { WsUser } from './streams/ws-user.mjs';

const { values } = parseArgs({
  options: { connections: { type: 'string', default: '5000' }, model: { type: 'string', default: 'efficient' } },
});
const connections = Number(values.connections);
const AT_ONCE = 20;

const server = await BuiltServer.start({ settings: { SUTRA_PRELOAD: values.model, SUTRA_WS_RESUME_MS: '1000' } });
const grpcUrl = `http://127.0.0.1:${server.grpcPort}`;
const WAYS = {
  /** A stream, killed with work under way. */
  ws: async () => {
    const user = new WsUser(server.url, { model: values.model });
    await user.open();
    for (let i = 0; i < 5; i++) user.add(`text ${i}`);
    user.socket.terminate();
  },
  /** Nothing but an upgrade, half of it. */
  'ws half-open': async () => {
    const { hostname, port } = new URL(server.url);
    const socket = dial(Number(port), hostname).on('error', () => undefined);
    socket.write('GET /v1/ws HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n');
    await sleep(1);
    socket.end();
  },
  ndjson: () =>
    new Promise((resolve) => {
      const call = request(`${server.url}/v1/embeddings/stream`, {
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/json' },
      });
      call
        .on('error', resolve)
        .on('response', () => call.destroy())
        .on('close', resolve);
      call.end(
        JSON.stringify({ texts: Array.from({ length: 50 }, (_, i) => `text ${i}`), config: { model: values.model } }),
      );
    }),
  grpc: () =>
    new Promise((resolve) => {
      const session = connect(grpcUrl).on('error', resolve).on('close', resolve);
      const headers = {
        ':method': 'POST',
        ':path': '/sutra.embedder.v1.EmbedderService/EmbedStream',
        'content-type': 'application/grpc',
        te: 'trailers',
      };
      const call = session.request(headers).on('error', () => undefined);
      // EmbedChunk { text: "x" }, and no half-close.
      call.write(Buffer.from([0, 0, 0, 0, 3, 0x1a, 0x01, 0x78]));
      session.once('connect', () => setTimeout(() => session.destroy(), 2));
    }),
};

try {
  const ways = Object.values(WAYS);
  await round(ways, 200);
  const before = await counters();
  const memory = residentBytes(server.pid).now;
  await round(ways, connections);
  const after = await settled(before);
  console.log(`${connections} connections that came and went (${Object.keys(WAYS).join(', ')}):`);
  for (const [name, value] of Object.entries(after)) console.log(`  ${name}: ${value} (before: ${before[name]})`);
  console.log(
    `  RSS: ${Math.round(memory / 1e6)} MB before, ${Math.round(residentBytes(server.pid).now / 1e6)} MB after`,
  );
  const leaked = Object.keys(after).filter((name) => after[name] > before[name]);
  if (leaked.length > 0) {
    console.error(`Left behind: ${leaked.join(', ')}`);
    process.exitCode = 1;
  }
} finally {
  await server.stop();
}

async function round(ways, count) {
  for (let done = 0; done < count; done += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => ways[(done + i) % ways.length]()));
}

/** The resume window and the kernel's goodbyes pass first. */
async function settled(before) {
  let now = await counters();
  for (let i = 0; i < 100 && Object.keys(now).some((name) => now[name] > before[name]); i++) {
    await sleep(100);
    now = await counters();
  }
  return now;
}

async function counters() {
  await sleep(1500);
  const text = await (await fetch(`${server.url}/v1/metrics`)).text();
  const read = (name) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1) ?? 0,
    );
  const resources = (type) => read(`nodejs_active_resources{type="${type}"}`);
  return {
    'streams, rest': read('sutra_streams{transport="rest"}'),
    'streams, grpc': read('sutra_streams{transport="grpc"}'),
    'streams, ws': read('sutra_streams{transport="ws"}'),
    'unread texts': read('sutra_stream_unread_texts'),
    'ws connections': read('sutra_ws_connections'),
    'ws sessions attached': read('sutra_ws_sessions{state="attached"}'),
    'ws sessions detached': read('sutra_ws_sessions{state="detached"}'),
    'texts waiting': read('sutra_queue_texts'),
    sockets: resources('TCPSocketWrap'),
    timers: resources('Timeout'),
  };
}
