// A million short texts through the library API in one process, and what its memory does meanwhile.
//
//     npm run build && node --expose-gc test/load/million-texts.mjs [texts] [--model ultra-efficient] [--in-flight 8]
//
// Prints resident memory, heap and array buffers after every tenth, each behind a full collection, and exits with 1
// where resident memory at the end is more than a tenth above that after the second tenth.
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { BackendsModule } from '@sutra-embedder/backends';
import { EmbeddingService, EngineModule } from '@sutra-embedder/engine';
import { HardwareModule } from '@sutra-embedder/hardware';
import { QuantizationModule } from '@sutra-embedder/quantization';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: 'string', default: 'ultra-efficient' }, 'in-flight': { type: 'string', default: '8' } },
});
const total = Number(positionals[0] ?? 1_000_000);
const inFlight = Number(values['in-flight']);
const TEXTS_PER_REQUEST = 250;
const TENTHS = 10;

if (!globalThis.gc) throw new Error('Run with node --expose-gc: memory is read behind a full collection');

const models = new URL('../../models', import.meta.url).pathname;
const app = await NestFactory.createApplicationContext(
  {
    module: class Load {},
    imports: [EngineModule.forRoot({ modelFolders: [models] }), HardwareModule, BackendsModule, QuantizationModule],
  },
  { logger: ['error'], abortOnError: false },
);
const embeddings = app.get(EmbeddingService);

/** mulberry32: the same texts everywhere. */
let state = 1;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const WORDS = (
  'the a of in to and river market station morning bridge company report system winter garden window teacher ' +
  'battery sailor engine quarterly unusual remembers crossing between however photosynthesis Reykjavik 1984 3.5 café'
).split(' ');
const text = () =>
  Array.from({ length: 4 + random() * 16 }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ');

let handedOut = 0;
let tokens = 0;
let squares = 0;
async function worker(until) {
  while (handedOut < until) {
    const count = Math.min(TEXTS_PER_REQUEST, until - handedOut);
    handedOut += count;
    const result = await embeddings.embed({ texts: Array.from({ length: count }, text), model: values.model });
    tokens += result.tokens;
    // Every vector is looked at, so that none can be left out.
    for (const item of result.items) squares += item.values[0] ** 2;
  }
}

console.log('     texts    texts/s  RSS MB  heap MB  buffers MB');
const residents = [];
const startedAt = performance.now();
for (let tenth = 1; tenth <= TENTHS; tenth++) {
  const from = performance.now();
  const before = handedOut;
  const until = Math.round((total * tenth) / TENTHS);
  await Promise.all(Array.from({ length: inFlight }, () => worker(until)));
  const rate = ((handedOut - before) * 1000) / (performance.now() - from);
  globalThis.gc();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  residents.push(rss);
  const cells = [
    [handedOut, 10],
    [Math.round(rate), 10],
    ...[rss, heapUsed, arrayBuffers].map((b, i) => [Math.round(b / 1e6), [7, 8, 11][i]]),
  ];
  console.log(cells.map(([cell, width]) => String(cell).padStart(width)).join(' '));
}
const seconds = (performance.now() - startedAt) / 1000;
const growth = residents.at(-1) / residents[1] - 1;
console.log(
  `${handedOut} texts, ${tokens} tokens in ${seconds.toFixed(1)} s: ${Math.round(handedOut / seconds)} texts/s, ` +
    `${(tokens / seconds / 1e6).toFixed(2)} M tokens/s; mean of first dimensions squared ${(squares / handedOut).toFixed(5)}`,
);
console.log(`RSS ${growth >= 0 ? '+' : ''}${(growth * 100).toFixed(1)} % since the second tenth`);
await app.close();
process.exitCode = growth > 0.1 ? 1 : 0;
