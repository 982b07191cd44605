// CPU time of post-processing: reduction or expansion, then coding, of 1,000 vectors of 384 dimensions.
// Usage: npm run build && node tools/bench-quantization.mjs [ROUNDS]
// Rounds alternate over all plans, so that a busy machine slows them alike; the best round of each is printed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const {
  BinaryProcessor,
  CutProcessor,
  Int4Processor,
  Int8Processor,
  IsometryProcessor,
  PcaProcessor,
} = require('@sutra-embedder/quantization');

const FROM = 384;
const ROWS = 1000;
const TARGETS = [64, 128, 256, 383, 384, 512, 1000, 1024, 1023, 2048, 4095, 4096];
const CODES = { none: null, int8: Int8Processor, int4: Int4Processor, binary: BinaryProcessor };
const rounds = Number(process.argv[2] ?? 7);

const folder = mkdtempSync(join(tmpdir(), 'sutra-bench-'));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true });
}

async function main() {
  const plans = [];
  for (const to of TARGETS) {
    for (const [scheme, Coder] of Object.entries(CODES)) plans.push(await makePlan(to, scheme, Coder));
  }
  plans.push(await makePlan(256, 'none', null, CutProcessor));
  const vectors = { rows: ROWS, dimensions: FROM, values: unitRows() };
  const single = Array.from({ length: ROWS }, (_, row) => ({
    rows: 1,
    dimensions: FROM,
    values: vectors.values.slice(row * FROM, (row + 1) * FROM),
  }));
  const apply = (plan, input) => plan.steps.reduce((current, step) => step.apply(current), input);
  for (let round = 0; round < rounds; round++) {
    for (const plan of plans) {
      plan.together = Math.min(
        plan.together,
        cpuTime(() => apply(plan, vectors)),
      );
      plan.alone = Math.min(
        plan.alone,
        cpuTime(() => single.forEach((vector) => apply(plan, vector))),
      );
    }
  }
  console.log(`${ROWS} vectors of ${FROM}, CPU ms, best of ${rounds} rounds, Node ${process.versions.node}`);
  console.log('dimensions  steps              together  one by one');
  for (const { to, steps, together, alone } of plans) {
    const names = steps.map((step) => step.method).join(' > ') || 'nothing';
    console.log(
      `${String(to).padStart(10)}  ${names.padEnd(17)}  ${together.toFixed(1).padStart(8)}  ${alone.toFixed(1).padStart(10)}`,
    );
  }
}

function cpuTime(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function makePlan(to, scheme, Coder, Reducer = PcaProcessor) {
  const task = { model: model(), from: FROM, to, scheme, normalize: true };
  const steps = [];
  if (to < FROM) steps.push(await new Reducer().prepare(task));
  if (to > FROM) steps.push(await new IsometryProcessor().prepare(task));
  if (Coder) steps.push(await new Coder().prepare({ ...task, from: to }));
  return { to, steps, together: Infinity, alone: Infinity };
}

/** The cost does not depend on the rotation's values: the identity will do. */
function model() {
  const path = join(folder, 'rotation.bin');
  const axes = new Float32Array(FROM * FROM);
  for (let i = 0; i < FROM; i++) axes[i * FROM + i] = 1;
  writeFileSync(path, new Uint8Array(axes.buffer));
  return { id: 'bench', dimensions: FROM, trainedDimensions: [], rotation: { path, axes: FROM, fittedOn: 'nothing' } };
}

function unitRows() {
  const values = new Float32Array(ROWS * FROM);
  let state = 1;
  for (let row = 0; row < ROWS; row++) {
    const start = row * FROM;
    let squares = 0;
    for (let i = start; i < start + FROM; i++) {
      // Sums of three even distributions: near enough to the bell shape of real vectors for the search of int4.
      values[i] = 0;
      for (let term = 0; term < 3; term++) {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        values[i] += state / 2 ** 31;
      }
      squares += values[i] ** 2;
    }
    for (let i = start; i < start + FROM; i++) values[i] /= Math.sqrt(squares);
  }
  return values;
}
