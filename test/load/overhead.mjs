// What guards, limits, logs and traces cost: CPU time of the server a request with all of them on against all of them
// off, two servers side by side, in turns. Metrics cannot be switched off, so both have them.
//   node test/load/overhead.mjs [--model ultra-efficient] [--traces] [--on NAME=VALUE ...]
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createServer } from 'node:http';
import { Corpus } from './corpus/corpus.mjs';
import { interleavedRatio, spread } from './report/statistics.mjs';
import { BuiltServer } from './server/built-server.mjs';
import { cpuSplit, threadCpu } from './server/process-stat.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'efficient' },
    requests: { type: 'string', default: '2000' },
    turns: { type: 'string', default: '8' },
    texts: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '16' },
    traces: { type: 'boolean', default: false },
    on: { type: 'string', multiple: true, default: [] },
  },
});
const [requests, turns, size, concurrency] = ['requests', 'turns', 'texts', 'concurrency'].map((name) =>
  Number(values[name]),
);
const built = (path) =>
  createRequire(import.meta.url)(fileURLToPath(new URL(`../../apps/api/dist/${path}`, import.meta.url)));

const folder = mkdtempSync(join(tmpdir(), 'sutra-overhead-'));
// A collector that only takes: what is measured is the server's own share.
const collector = createServer((incoming, answer) => incoming.resume().on('end', () => answer.end()));
await new Promise((resolve) => collector.listen(0, '127.0.0.1', resolve));
const servers = [];
try {
  const { record, key } = built('security/keys/manage-keys').createKey({ scope: 'read' }, new Date());
  const keysFile = join(folder, 'keys.json');
  built('security/keys/key-file').writeKeyFile(keysFile, [record]);
  const start = async (name, settings, headers) => {
    const server = await BuiltServer.start({
      settings: { SUTRA_PRELOAD: values.model, SUTRA_LOG_LEVEL: 'info', ...settings },
      stdout: openSync(join(folder, `${name}.log`), 'w'),
    });
    servers.push(server);
    return { server, ask: caller(server.url, headers) };
  };
  const off = await start('off', { SUTRA_ACCESS_LOG: 'off' }, {});
  const on = await start(
    'on',
    {
      SUTRA_ACCESS_LOG: 'on',
      SUTRA_KEYS_FILE: keysFile,
      ...(values.traces && {
        SUTRA_TRACES: 'on',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.address().port}`,
      }),
      ...Object.fromEntries(
        values.on.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
      ),
    },
    { 'x-api-key': key },
  );

  const corpus = new Corpus('short', 5);
  const texts = Array.from({ length: requests }, () => corpus.take(size));
  for (const side of [off, on, off, on]) await run(side, texts);
  const offRuns = [await run(off, texts)];
  const onRuns = [];
  for (let i = 0; i < turns; i++) {
    onRuns.push(await run(on, texts));
    offRuns.push(await run(off, texts));
  }
  for (const part of ['total', 'main']) {
    const of = (runs) => runs.map((split) => (split[part] * 1e6) / requests);
    const { median: ratio, least, most } = interleavedRatio(of(onRuns), of(offRuns));
    console.log(
      `${part === 'total' ? 'whole server' : 'main thread'}, CPU a request of ${size} short text(s), ${values.model}: ` +
        `on ${spread(of(onRuns))}, off ${spread(of(offRuns))}; on / off ${ratio.toFixed(3)} (${least.toFixed(3)} to ${most.toFixed(3)}, ${turns} turns)`,
    );
  }
} finally {
  for (const server of servers) await server.stop();
  collector.closeAllConnections();
  collector.close();
  rmSync(folder, { recursive: true });
}

/** CPU seconds that the server took for all of them. */
async function run({ server, ask }, texts) {
  const before = threadCpu(server.pid);
  let next = 0;
  const worker = async () => {
    while (next < texts.length) await ask(texts[next++]);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return cpuSplit(server.pid, before, threadCpu(server.pid));
}

function caller(url, headers) {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  return (texts) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ texts, model: values.model });
      const all = { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const call = request(`${url}/v1/embeddings`, { method: 'POST', agent, headers: all }, (answer) => {
        answer
          .on('data', () => undefined)
          .on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(String(answer.statusCode)))));
      });
      call.on('error', reject).end(body);
    });
}
