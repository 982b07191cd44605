// Faults under load, one every two seconds: no vector may be wrong, nothing lost without a name, at most 1 % failed.
//   --isolation process: a child is killed with SIGKILL
//   --isolation thread:  a session exits, or fills its heap, in turns (the plugin test/fixtures/plugins/faulty.js)
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BuiltServer } from './server/built-server.mjs';
import { growth } from './server/prometheus.mjs';

const { values } = parseArgs({
  options: {
    isolation: { type: 'string', default: 'process' },
    seconds: { type: 'string', default: '120' },
    connections: { type: 'string', default: '8' },
    every: { type: 'string', default: '2' },
  },
});
const [seconds, connections, every] = [values.seconds, values.connections, values.every].map(Number);
const TEXTS = Array.from(
  { length: 200 },
  (_, i) => `text number ${i}, ${'with some more words '.repeat(i % 12)}at its end`,
);
const PER_REQUEST = 4;

const folder = mkdtempSync(join(tmpdir(), 'sutra-faults-'));
const orders = join(folder, 'orders');
process.env.FAULTY_ORDERS = orders;
const faulty = fileURLToPath(new URL('../fixtures/plugins/faulty.js', import.meta.url));
const server = await BuiltServer.start({
  settings: {
    SUTRA_ISOLATION: values.isolation,
    SUTRA_LOG_LEVEL: 'fatal',
    ...(values.isolation === 'thread' && { SUTRA_PLUGINS: faulty, SUTRA_SESSION_HEAP_MB: '48' }),
  },
});

try {
  const known = await bits(TEXTS);
  const before = await server.metrics();
  const counts = { requests: 0, served: 0, wrong: 0, lost: 0, named: new Map() };
  let stop = false;
  const latencies = [];
  const caller = async (from) => {
    for (let at = from; !stop; at = (at + PER_REQUEST) % (TEXTS.length - PER_REQUEST)) {
      counts.requests++;
      const since = performance.now();
      try {
        const texts = TEXTS.slice(at, at + PER_REQUEST);
        const { status, body } = await server.post('/v1/embeddings', { texts, encoding_format: 'base64' });
        if (status === 200) {
          counts.served++;
          if (body.embeddings.some((vector, i) => vector !== known[at + i])) counts.wrong++;
        } else if (body.error?.code) {
          counts.named.set(body.error.code, (counts.named.get(body.error.code) ?? 0) + 1);
        } else counts.lost++;
      } catch {
        counts.lost++;
      }
      latencies.push(performance.now() - since);
    }
  };
  const callers = Array.from({ length: connections }, (_, i) => caller(i * 20));
  const faults = Math.floor(seconds / every);
  let caused = 0;
  for (let i = 0; i < faults; i++) {
    await sleep(every * 1000);
    if (cause(i)) caused++;
  }
  stop = true;
  await Promise.all(callers);
  const deaths = growth(before, await server.metrics(), 'sutra_session_host_deaths_total');
  const failed = [...counts.named.values()].reduce((sum, count) => sum + count, 0);
  latencies.sort((a, b) => a - b);
  const at = (share) => Math.round(latencies[Math.floor(latencies.length * share)]);
  console.log(`isolation ${values.isolation}, ${connections} connections, ${seconds} s, a fault every ${every} s`);
  console.log(`  faults caused: ${caused}; hosts that died: ${deaths}`);
  console.log(`  requests: ${counts.requests}, served ${counts.served}, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  console.log(`  wrong vectors: ${counts.wrong}; lost without a name: ${counts.lost}`);
  console.log(
    `  failed by name: ${failed} (${((100 * failed) / counts.requests).toFixed(2)} %) ${JSON.stringify(Object.fromEntries(counts.named))}`,
  );
  if (counts.wrong > 0 || counts.lost > 0 || failed > counts.requests / 100 || deaths < caused / 2)
    process.exitCode = 1;
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}

/** @returns whether something could be hit: with every session just being replaced nothing is there */
function cause(nth) {
  if (values.isolation === 'thread') {
    writeFileSync(orders, nth % 2 === 0 ? 'exit' : 'heap');
    return true;
  }
  const sessions = childrenOf(server.pid);
  const [victim] = sessions.slice(nth % Math.max(1, sessions.length));
  if (victim === undefined) return false;
  process.kill(victim, 'SIGKILL');
  return true;
}

function childrenOf(parent) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) === parent;
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function bits(texts) {
  const { body } = await server.post('/v1/embeddings', { texts, encoding_format: 'base64' });
  return body.embeddings;
}
