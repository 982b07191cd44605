// What the TypeScript client itself costs: `node tools/bench-client.mjs [--url http://127.0.0.1:8080] [--model ultra-efficient]`.
// 10,000 short texts through embedMany, and the same requests as bare HTTP whose answers are read and thrown away, in
// turns. Own share = (client - bare) / client, in elapsed time and in CPU time of this process over elapsed time.
import { parseArgs } from 'node:util';
import { SutraEmbedder } from '@sutra-embedder/client';

const { values: options } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    model: { type: 'string', default: 'ultra-efficient' },
    texts: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '9' },
    format: { type: 'string', default: 'base64' },
  },
});
const WORDS =
  'river stone market engine violet harbor signal garden copper winter lantern orbit meadow thunder velvet'.split(' ');
const texts = Array.from(
  { length: Number(options.texts) },
  (_, i) =>
    Array.from({ length: 12 }, (_, j) => WORDS[(i * 7 + j * j * 3 + (i >> 3)) % WORDS.length]).join(' ') + ` ${i}`,
);
const params = { model: options.model, encoding_format: options.format };
const PER_REQUEST = 250;
const CONCURRENCY = 4;

const client = new SutraEmbedder({ baseUrl: options.url });
const bodies = [];
for (let start = 0; start < texts.length; start += PER_REQUEST) {
  bodies.push(JSON.stringify({ ...params, texts: texts.slice(start, start + PER_REQUEST) }));
}

async function viaClient() {
  const vectors = await client
    .embedMany(texts, params, { textsPerRequest: PER_REQUEST, concurrency: CONCURRENCY })
    .all();
  if (vectors.length !== texts.length) throw new Error('vectors are missing');
}

async function bare() {
  let next = 0;
  const worker = async () => {
    while (next < bodies.length) {
      const response = await fetch(`${options.url}/v1/embeddings`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: bodies[next++],
      });
      for await (const _ of response.body);
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

async function measure(run) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1000 };
}

for (let i = 0; i < 3; i++) await viaClient().then(bare);
const rounds = { client: [], bare: [] };
for (let i = 0; i < Number(options.rounds); i++) {
  rounds.client.push(await measure(viaClient));
  rounds.bare.push(await measure(bare));
}
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const [cw, bw, cc, bc] = [
  rounds.client.map((r) => r.wall),
  rounds.bare.map((r) => r.wall),
  rounds.client.map((r) => r.cpu),
  rounds.bare.map((r) => r.cpu),
];
const show = (list) =>
  `${median(list).toFixed(0)} ms (${Math.min(...list).toFixed(0)} to ${Math.max(...list).toFixed(0)})`;
console.log(
  `Node ${process.version}, ${texts.length} texts, ${params.model}, ${params.encoding_format}, ${rounds.client.length} rounds in turns`,
);
console.log(
  `elapsed: client ${show(cw)}, bare ${show(bw)}; own share ${(((median(cw) - median(bw)) / median(cw)) * 100).toFixed(1)} %`,
);
console.log(
  `CPU of this process: client ${show(cc)}, bare ${show(bc)}; own CPU over elapsed ${(((median(cc) - median(bc)) / median(cw)) * 100).toFixed(1)} %`,
);
