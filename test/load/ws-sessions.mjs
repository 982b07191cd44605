// Many WebSocket sessions at once: how they are served, and what an idle one costs.
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Corpus } from './corpus/corpus.mjs';
import { percentile } from './report/statistics.mjs';
import { BuiltServer } from './server/built-server.mjs';
import { cpuSplit, residentBytes, threadCpu } from './server/process-stat.mjs';
import { WsUser } from './streams/ws-user.mjs';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '30' },
    model: { type: 'string', default: 'efficient' },
  },
});
const sessions = Number(values.sessions);
const seconds = Number(values.seconds);
const SETTLE_MS = 2000;
const AT_ONCE = 50;

const server = await BuiltServer.start({
  settings: { SUTRA_PRELOAD: values.model, SUTRA_WS_SESSIONS: String(sessions + 10) },
  nodeOptions: ['--expose-gc'],
});
try {
  // Loads what serves WebSockets, and its code paths, before the base is taken.
  const first = new WsUser(server.url, { model: values.model });
  await first.open();
  first.close();
  await sleep(SETTLE_MS);
  const base = residentBytes(server.pid).now;
  const users = Array.from({ length: sessions }, () => new WsUser(server.url, { model: values.model }));
  for (let i = 0; i < users.length; i += AT_ONCE)
    await Promise.all(users.slice(i, i + AT_ONCE).map((user) => user.open({ stream: false })));
  await sleep(SETTLE_MS);
  const idle = residentBytes(server.pid).now;
  console.log(
    `${sessions} idle sessions: ${((idle - base) / sessions / 1024).toFixed(1)} KiB each (RSS ${megabytes(base)} -> ${megabytes(idle)})`,
  );

  await Promise.all(users.map((user) => user.ask('stream_embed', { config: user.config })));
  const corpus = new Corpus('short', 3);
  const cpuBefore = threadCpu(server.pid);
  const till = performance.now() + seconds * 1000;
  // Each at its own moment of the second, as users are.
  await Promise.all(
    users.map(async (user, i) => {
      await sleep((i / sessions) * 1000);
      while (performance.now() < till) {
        const at = performance.now();
        user.add(corpus.next());
        await sleep(Math.max(0, 1000 - (performance.now() - at)));
      }
    }),
  );
  for (let i = 0; i < 600 && users.some(({ waiting }) => waiting.size > 0); i++) await sleep(100);
  const cpu = cpuSplit(server.pid, cpuBefore, threadCpu(server.pid));
  const latencies = users.flatMap((user) => user.latencies).sort((a, b) => a - b);
  const sum = (of) => users.reduce((total, user) => total + of(user), 0);
  const p = (share) => `${percentile(latencies, share).toFixed(1)} ms`;
  console.log(
    `${sessions} sessions, one short text a second each for ${seconds} s: ${sum(({ count }) => count)} sent, ` +
      `${latencies.length} answered (${(latencies.length / seconds).toFixed(0)} a second), ${sum(({ errors }) => errors)} refused, ` +
      `${sum(({ waiting }) => waiting.size)} lost, ${sum(({ closed }) => Number(closed))} sessions dropped; ` +
      `end to end p50 ${p(0.5)}, p95 ${p(0.95)}, p99 ${p(0.99)}; RSS ${megabytes(residentBytes(server.pid).now)}`,
  );
  if (cpu) {
    const each = (part) => `${((cpu[part] * 1e6) / latencies.length).toFixed(0)} us`;
    console.log(
      `CPU a text: ${each('total')}, of them ${each('main')} on the main thread, ${each('sessions')} in the model`,
    );
  }
  users.forEach((user) => user.close());
} finally {
  await server.stop();
}

function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}
