import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../project.mjs';
import { goldenModel, knownBackends, OneBackend } from './one-backend.mjs';

const BASE = 'onnx-cpu';
/** A float32 graph that does not come this close has not been computed right, whatever its self-check says. */
const LEAST_FP32_COSINE = 0.9999;

/** @returns {Promise<number>} exit code: 0 where at least one artifact ran, and ran right */
export async function verifyBackend(args) {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '5' } },
  });
  const [id, ...more] = positionals;
  const rounds = Number(values.rounds);
  const backends = await knownBackends();
  const backend = backends.get(id);
  if (!backend || more.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
    console.error(
      `usage: npm run verify:backend -- BACKEND [--rounds N]\nBACKEND is one of ${[...backends.keys()].join(', ')}`,
    );
    return 2;
  }
  const golden = JSON.parse(readFileSync(join(root, 'test/golden/all-MiniLM-L6-v2.json'), 'utf8')).items;
  const model = await goldenModel();
  const outcomes = [];
  for (const artifact of model.artifacts) {
    const accepted = backend.accepts(artifact);
    if (accepted.available) outcomes.push(await verifyArtifact(backend, artifact, golden, rounds));
    else console.log(`${id}/${artifact.id}: not accepted: ${accepted.reason}`);
  }
  if (outcomes.every((outcome) => outcome === 'refused')) {
    console.log(`\n${id} cannot be verified here: nothing of ${model.id} ran on it.`);
    return 1;
  }
  return outcomes.includes('wrong') ? 1 : 0;
}

async function verifyArtifact({ id, profiles }, artifact, golden, rounds) {
  let tested;
  try {
    // One that is made for some profiles is not ranked for others.
    tested = await OneBackend.open(id, artifact.id, profiles?.[0] ?? 'auto');
  } catch (error) {
    const tried = error.details?.tried ?? [];
    const reasons = tried.map(({ id: name, reason }) => `${name}: ${reason}`);
    console.log(`${id}/${artifact.id}: refused: ${reasons.join('; ') || error.message}`);
    return 'refused';
  }
  const base = id === BASE ? undefined : await OneBackend.open(BASE, artifact.id, 'auto').catch(() => undefined);
  try {
    const texts = golden.map(({ text }) => text);
    const { min, mean } = summary(golden, await tested.embed(texts));
    const { options, reason } = tested.plan;
    console.log(`${id}/${artifact.id}: ${reason}`);
    console.log(`  options  ${JSON.stringify(options)}`);
    console.log(`  cosine   min ${min.toFixed(6)}, mean ${mean.toFixed(6)} over ${texts.length} golden texts`);
    await base?.embed(texts);
    const speeds = await race([tested, ...(base ? [base] : [])], texts, rounds);
    console.log(`  speed    ${speeds[0].toFixed(0)} texts/s (median of ${rounds} runs of the golden texts)`);
    if (base)
      console.log(
        `  ${BASE} ${speeds[1].toFixed(0)} texts/s in turns with it: ratio ${(speeds[0] / speeds[1]).toFixed(2)}`,
      );
    if (artifact.precision === 'fp32' && !(min >= LEAST_FP32_COSINE)) {
      console.log(`  WRONG    float32 must reach a cosine of ${LEAST_FP32_COSINE}; do not use this backend here`);
      return 'wrong';
    }
    return 'right';
  } finally {
    await tested.close();
    await base?.close();
  }
}

/** Median texts a second of each, run in turns, so that what else the machine does meets all of them alike. */
async function race(contestants, texts, rounds) {
  const speeds = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      const startedAt = performance.now();
      await contestant.embed(texts);
      speeds[i].push((texts.length / (performance.now() - startedAt)) * 1000);
    }
  }
  return speeds.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]);
}

function summary(golden, vectors) {
  const cosines = golden.map(({ embedding }, i) => cosine(embedding, vectors[i]));
  return { min: Math.min(...cosines), mean: cosines.reduce((sum, value) => sum + value, 0) / cosines.length };
}

function cosine(a, b) {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return dot / Math.sqrt(aa * bb);
}
