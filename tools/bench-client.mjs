// What the TypeScript client itself costs: `node tools/bench-client.mjs [--url http://127.0.0.1:8080] [--model ultra-efficient]`.
// 10,000 short texts through embedMany, in turns: from the server, and with a fetch that answers at once with the bodies
// recorded from it. What the second takes is the client's own: encoding, decoding, scheduling. Its share is of the first.
// With --server-pid (Linux) also of all CPU time, which holds on a machine that is busy with other things, too.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SutraEmbedder } from '@sutra-embedder/client';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    model: { type: 'string', default: 'ultra-efficient' },
    texts: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '11' },
    format: { type: 'string', default: 'base64' },
    'server-pid': { type: 'string' },
  },
});
const WORDS = 'river stone market engine violet harbor signal garden copper winter lantern orbit meadow thunder'.split(
  ' ',
);
const texts = Array.from({ length: Number(options.texts) }, (_, i) =>
  [...Array.from({ length: 12 }, (_, j) => WORDS[(i * 7 + j * j * 3 + (i >> 3)) % WORDS.length]), i].join(' '),
);
const params = { model: options.model, encoding_format: options.format };

/** Answers by request body. */
const recorded = new Map();
const recording = async (url, init) => {
  const response = await fetch(url, init);
  recorded.set(init.body, new Uint8Array(await response.clone().arrayBuffer()));
  return response;
};
const replaying = async (_, { body }) => {
  const bytes = recorded.get(body);
  return new Response(bytes, { headers: { 'content-length': String(bytes.length) } });
};

async function embedAll(through) {
  const client = new SutraEmbedder({ baseUrl: options.url, fetch: through });
  const cpu = process.cpuUsage();
  const server = serverCpu();
  const start = performance.now();
  const vectors = await client.embedMany(texts, params).all();
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  if (vectors.length !== texts.length || !vectors.every(({ length }) => length === vectors[0].length)) {
    throw new Error('vectors are missing');
  }
  return { elapsed, cpu: (user + system) / 1000, server: serverCpu() - server };
}

/** CPU time of the server's process in ms (proc(5): utime and stime, in hundredths of a second). */
function serverCpu() {
  if (!options['server-pid']) return NaN;
  const fields = readFileSync(`/proc/${options['server-pid']}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

await embedAll(recording);
for (let i = 0; i < 3; i++) await embedAll(fetch).then(() => embedAll(replaying));
const [real, own] = [[], []];
for (let i = 0; i < Number(options.rounds); i++) {
  real.push(await embedAll(fetch));
  own.push(await embedAll(replaying));
}
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const show = (list) =>
  `${median(list).toFixed(0)} ms (${Math.min(...list).toFixed(0)} to ${Math.max(...list).toFixed(0)})`;
const percent = (part, whole) => `${((part / whole) * 100).toFixed(1)} %`;
const of = (runs, what) => runs.map((run) => run[what]);
console.log(
  `Node ${process.version}, ${texts.length} texts, ${options.model}, ${options.format}, ${real.length} rounds in turns`,
);
console.log(`elapsed: ${show(of(real, 'elapsed'))}, the client's own ${show(of(own, 'elapsed'))}`);
console.log(
  `the client's share of the elapsed time: ${percent(median(of(own, 'elapsed')), median(of(real, 'elapsed')))}`,
);
console.log(`CPU: ${show(of(real, 'cpu'))}, the client's own ${show(of(own, 'cpu'))}`);
if (options['server-pid']) {
  const server = of(real, 'server');
  const all = median(server) + median(of(real, 'cpu'));
  console.log(
    `CPU of the server: ${show(server)}; the client's share of all CPU ${percent(median(of(own, 'cpu')), all)}`,
  );
}
