// `npm run tune -- MODEL`: measures sessions, threads and token budget on this machine for a model or preset (default
// efficient) and leaves what is best where the server looks for it. Let nothing else run meanwhile.
import { mkdirSync, readFileSync, existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build, install, requireNode, root } from './project.mjs';

requireNode();
install();
build();

const require = createRequire(join(root, 'package.json'));
require('reflect-metadata');
const { NestFactory } = require('@nestjs/core');
const { EmbeddingService, Engine, EngineModule, tuningKey } = require('@sutra-embedder/engine');
const { BackendsModule } = require('@sutra-embedder/backends');
const { HardwareModule } = require('@sutra-embedder/hardware');
const { QuantizationModule } = require('@sutra-embedder/quantization');
const { loadConfiguration } = require(join(root, 'apps/api/dist/config/configuration.js'));
const { machineKey } = require(join(root, 'apps/api/dist/config/tuning-file.js'));

const model = process.argv[2] ?? 'efficient';
const SECONDS = 4;
const OUTSTANDING = 64;
const ROUNDS = 2;
const { modelFolders, tuningFile } = loadConfiguration(process.env);

/** An engine with these options in place of its own; `use` gets its service and the plan. */
async function withEngine(tuning, use) {
  class Tuned {}
  const engine = EngineModule.forRoot({ modelFolders, tuning });
  const module = { module: Tuned, imports: [engine, BackendsModule, HardwareModule, QuantizationModule] };
  const app = await NestFactory.createApplicationContext(module, { logger: ['error'], abortOnError: false });
  try {
    const service = app.get(EmbeddingService);
    return await use(service, await service.plan({ model }), app.get(Engine).inventory);
  } finally {
    await app.close();
  }
}

/** Texts a second with many requests waiting, half of them short, no two alike. */
async function measure(service) {
  let next = Math.floor(Math.random() * 1e9);
  let done = 0;
  const text = () => {
    next++;
    const words = next % 2 === 0 ? 8 + (next % 20) : 50 + (next % 150);
    return (
      Array.from({ length: words }, (_, i) => WORDS[(next * 31 + i * i + i) % WORDS.length]).join(' ') + ` ${next}`
    );
  };
  const until = async (end) => {
    while (performance.now() < end) {
      await service.embed({ texts: [text()], model });
      done++;
    }
  };
  const run = (ms) => Promise.all(Array.from({ length: OUTSTANDING }, () => until(performance.now() + ms)));
  await run(500);
  done = 0;
  const from = performance.now();
  await run(SECONDS * 1000);
  return (done * 1000) / (performance.now() - from);
}

const WORDS =
  'the of and river stone market under silver engine carries seven letters across quiet water while morning trains leave old cities and young gardens grow beside long roads that nobody counted before winter came'.split(
    ' ',
  );

const base = await withEngine({}, async (_, plan, inventory) => ({
  key: tuningKey(plan.backend, plan.artifact),
  cores: inventory.cpu.cores,
  name: `${plan.model.id} in ${plan.artifact.precision} on ${plan.backend}`,
  own: { ...plan.options, tokenBudget: plan.options.tokenBudget ?? 512 },
}));

const layouts = new Map();
for (const sessions of new Set([1, Math.ceil(base.cores / 2), base.cores])) {
  for (const threads of new Set([1, Math.max(1, Math.floor(base.cores / sessions))])) {
    layouts.set(`${sessions}x${threads}`, { sessions, threads });
  }
}
const candidates = [...layouts.values()].flatMap((layout) =>
  [256, 512, 1024].map((tokenBudget) => ({ ...layout, tokenBudget, best: 0 })),
);

console.log(
  `${base.name}, ${base.cores} cores; about ${Math.ceil((candidates.length * ROUNDS * (SECONDS + 2)) / 60)} minutes`,
);
for (let round = 0; round < ROUNDS; round++) {
  // Rounds alternate, so that a slow moment of the machine does not decide.
  for (const candidate of candidates) {
    const { sessions, threads, tokenBudget } = candidate;
    const rate = await withEngine({ [base.key]: { sessions, threads, tokenBudget } }, measure);
    candidate.best = Math.max(candidate.best, rate);
  }
}
candidates.sort((a, b) => b.best - a.best);
for (const { sessions, threads, tokenBudget, best } of candidates) {
  console.log(
    `${best.toFixed(1).padStart(10)} texts/s  ${sessions} session(s) of ${threads} thread(s), ${tokenBudget} tokens a batch`,
  );
}

const [{ sessions, threads, tokenBudget }] = candidates;
const before = existsSync(tuningFile) ? JSON.parse(readFileSync(tuningFile, 'utf8')) : {};
const measured = before.machine === machineKey() ? before.measured : {};
mkdirSync(dirname(tuningFile), { recursive: true });
writeFileSync(
  tuningFile,
  `${JSON.stringify({ machine: machineKey(), measured: { ...measured, [base.key]: { sessions, threads, tokenBudget } } }, null, 2)}\n`,
);
console.log(`Written to ${tuningFile}; the server takes it up at its next start.`);
