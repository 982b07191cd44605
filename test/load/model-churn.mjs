// Loads and unloads two models in turn under load, and says what that did to requests and to memory.
//
//   npm run build && node test/load/model-churn.mjs [rounds]
//
// The memory budget holds one of the two models at a time, so every change of model closes one and opens the other,
// while requests for both keep coming. Prints failed requests, loads, and resident memory before and after.
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const require = createRequire(join(root, 'apps/api/dist/main.js'));
const { createApplication } = require('./bootstrap');
const { loadConfiguration } = require('./config/configuration');
const { EmbeddingService, EngineEvents } = require('@sutra-embedder/engine');

const rounds = Number(process.argv[2] ?? 200);
const MODELS = ['all-MiniLM-L6-v2', 'mpnet-mean'];
const WARM_UP = 10;

const app = await createApplication(
  loadConfiguration({
    SUTRA_LOG_LEVEL: 'error',
    SUTRA_HTTP_PORT: '0',
    SUTRA_MODELS_DIR: join(root, 'test/fixtures/models'),
    SUTRA_PRELOAD: MODELS[0],
    // All sessions of the larger model, and not one of the other beside them.
    SUTRA_MODEL_MEMORY_MB: process.env.CHURN_MEMORY_MB ?? '340',
  }),
);
await app.init();
const embeddings = app.get(EmbeddingService);

let done = 0;
let failed = 0;
let loads = 0;
app.get(EngineEvents).on('loaded', () => void loads++);

/** Several requests at once for one model, as clients that do not know of each other send them. */
async function burst(model) {
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, i) => embeddings.embed({ texts: [`request ${i}`, 'and another text'], model })),
  );
  for (const result of results) {
    if (result.status === 'fulfilled') done++;
    else {
      failed++;
      console.error(result.reason.message);
    }
  }
}

const rss = () => {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 1e6;
};

async function round(index) {
  // The bursts overlap: one model's sessions are closed while requests for it are still arriving.
  await Promise.all([burst(MODELS[index % 2]), burst(MODELS[(index + 1) % 2])]);
}

for (let i = 0; i < WARM_UP; i++) await round(i);
const before = rss();
let highest = before;
for (let i = 0; i < rounds; i++) {
  await round(i);
  highest = Math.max(highest, process.memoryUsage.rss() / 1e6);
  if ((i + 1) % 50 === 0) console.log(`${i + 1} rounds: ${loads} loads, RSS ${rss().toFixed(0)} MB`);
}
const after = rss();
console.log(
  [
    `rounds ${rounds}, requests ${done}, failed ${failed}, loads ${loads}`,
    `RSS after ${WARM_UP} rounds ${before.toFixed(0)} MB, after all ${after.toFixed(0)} MB (${((after / before - 1) * 100).toFixed(1)} %), highest ${highest.toFixed(0)} MB`,
  ].join('\n'),
);
await app.close();
process.exit(failed === 0 && after < before * 1.1 ? 0 : 1);
