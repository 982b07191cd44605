// What guards, limits, logs and traces cost: CPU time of the server a request with all of them on against all of them
// off, two servers side by side, in turns. Metrics cannot be switched off, so both have them. V8 does not compile the
// same code alike in any two processes, which is worth some per cent: hence several starts of both.
//   node test/load/overhead.mjs [--model ultra-efficient] [--texts 32] [--stream] [--traces] [--starts 5] [--on NAME=VALUE ...]
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Corpus } from './corpus/corpus.mjs';
import { compareCost, cpuOf } from './drive/compare-cost.mjs';
import { jsonCaller } from './drive/post-json.mjs';
import { mean } from './report/statistics.mjs';
import { BuiltServer } from './server/built-server.mjs';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'efficient' },
    requests: { type: 'string', default: '2000' },
    turns: { type: 'string', default: '8' },
    texts: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '16' },
    starts: { type: 'string', default: '1' },
    stream: { type: 'boolean', default: false },
    traces: { type: 'boolean', default: false },
    on: { type: 'string', multiple: true, default: [] },
  },
});
const [requests, turns, size, concurrency, starts] = ['requests', 'turns', 'texts', 'concurrency', 'starts'].map(
  (name) => Number(values[name]),
);
/** Requests until V8 has compiled most of what they need. */
const WARM = 1000;
const built = (path) =>
  createRequire(import.meta.url)(fileURLToPath(new URL(`../../apps/api/dist/${path}`, import.meta.url)));

const folder = mkdtempSync(join(tmpdir(), 'sutra-overhead-'));
// A collector that only takes: what is measured is the server's own share.
const collector = createServer((incoming, answer) => incoming.resume().on('end', () => answer.end()));
await new Promise((resolve) => collector.listen(0, '127.0.0.1', resolve));
try {
  const { record, key } = built('security/keys/manage-keys').createKey({ scope: 'read' }, new Date());
  const keysFile = join(folder, 'keys.json');
  built('security/keys/key-file').writeKeyFile(keysFile, [record]);
  const settings = {
    SUTRA_ACCESS_LOG: 'on',
    SUTRA_KEYS_FILE: keysFile,
    SUTRA_RATE_REQUESTS_PER_MINUTE: '100000000',
    SUTRA_RATE_TOKENS_PER_MINUTE: '10000000000',
    ...(values.traces && {
      SUTRA_TRACES: 'on',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.address().port}`,
    }),
    ...Object.fromEntries(
      values.on.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    ),
  };
  console.log(`${size} short text(s) a ${values.stream ? 'stream' : 'request'}, ${values.model}`);
  const ratios = [];
  for (let i = 0; i < starts; i++) {
    const [whole, main] = await compare(settings, { 'x-api-key': key });
    console.log(`${whole.line}\n${main.line}`);
    ratios.push(whole.ratio);
  }
  if (starts > 1)
    console.log(
      `whole server, mean of ${starts} starts: ${mean(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)})`,
    );
} finally {
  collector.closeAllConnections();
  collector.close();
  rmSync(folder, { recursive: true });
}

/** Both of them, started anew. */
async function compare(settings, headers) {
  const servers = [];
  try {
    const start = async (name, settings, headers) => {
      const server = await BuiltServer.start({
        settings: { SUTRA_PRELOAD: values.model, SUTRA_LOG_LEVEL: 'info', ...settings },
        stdout: openSync(join(folder, `${name}.log`), 'w'),
      });
      servers.push(server);
      const post = jsonCaller(server.url, concurrency, headers);
      const ask = (texts) =>
        values.stream
          ? post('/v1/embeddings/stream', { texts, config: { model: values.model } })
          : post('/v1/embeddings', { texts, model: values.model });
      return { pid: server.pid, ask };
    };
    const off = await start('off', { SUTRA_ACCESS_LOG: 'off' }, {});
    const on = await start('on', settings, headers);
    const corpus = new Corpus('short', 5);
    const take = (count) => Array.from({ length: count }, () => corpus.take(size));
    const warm = take(Math.ceil(WARM / (values.model === 'ultra-efficient' ? 1 : 4)));
    for (const side of [off, on]) await cpuOf(side, warm, concurrency);
    return await compareCost(['on', on], ['off', off], { requests: take(requests), turns, concurrency });
  } finally {
    for (const server of servers) await server.stop();
  }
}
