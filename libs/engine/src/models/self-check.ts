import type { Artifact, Batch, Model, SessionHost, Tokenizer } from '../contracts';
import { BackendUnavailableError } from '../errors';

/** Texts of different lengths for a model that has no reference vectors. */
const SOUNDNESS_TEXTS = ['A', 'The quick brown fox jumps over the lazy dog.', '0 1 2 3 4 5 6 7 8 9 - (a) [b] {c}'];

/**
 * A fresh session must prove itself before it serves: a wrong file, saturating kernels or a broken driver give wrong
 * numbers without any error. Where the model has reference vectors it must reproduce them; where it has none, only
 * soundness can be seen: finite vectors of the right length that tell texts apart and come out the same again.
 * @throws BackendUnavailableError with what was found
 */
export async function selfCheck(
  host: Pick<SessionHost, 'run'>,
  model: Model,
  artifact: Artifact,
  tokenizer: Tokenizer,
): Promise<void> {
  if (model.probes.length === 0) return checkSoundness(host, model, tokenizer);
  const { vectors, dimensions } = await host.run(
    batchOf(
      model.probes.map(({ text }) => text),
      model,
      tokenizer,
    ),
  );
  checkDimensions(dimensions, model);
  const lowest = model.probes.reduce(
    (least, { vector }, row) =>
      Math.min(least, cosine(vector, vectors.subarray(row * dimensions, (row + 1) * dimensions))),
    1,
  );
  // Written so that NaN fails too.
  if (!(lowest >= artifact.probeCosine)) {
    throw new BackendUnavailableError(
      `The self-check failed: cosine ${lowest.toFixed(5)} to the reference vectors where ${artifact.probeCosine} is the least`,
    );
  }
}

async function checkSoundness(host: Pick<SessionHost, 'run'>, model: Model, tokenizer: Tokenizer): Promise<void> {
  const { vectors, dimensions } = await host.run(batchOf(SOUNDNESS_TEXTS, model, tokenizer));
  checkDimensions(dimensions, model);
  if (vectors.length !== SOUNDNESS_TEXTS.length * dimensions || !vectors.every(Number.isFinite)) {
    throw new BackendUnavailableError('The self-check failed: vectors are missing or hold NaN or infinite values');
  }
  const rows = SOUNDNESS_TEXTS.map((_, row) => vectors.subarray(row * dimensions, (row + 1) * dimensions));
  if (rows.some((row) => Math.abs(length(row) - 1) > 1e-4)) {
    throw new BackendUnavailableError('The self-check failed: normalized vectors do not have length 1');
  }
  if (rows.every((row) => cosine(row, rows[0] ?? row) > 0.9999999)) {
    throw new BackendUnavailableError('The self-check failed: different texts give the same vector');
  }
  const again = await host.run(batchOf(SOUNDNESS_TEXTS, model, tokenizer));
  if (again.vectors.some((value, index) => value !== vectors[index])) {
    throw new BackendUnavailableError('The self-check failed: the same batch gave different vectors the second time');
  }
}

function batchOf(texts: readonly string[], model: Model, tokenizer: Tokenizer): Batch {
  const rows = texts.map((text) => tokenizer.encode(text, model.maxTokens, 'end').ids);
  return {
    ids: Int32Array.from(rows.flatMap((row) => [...row])),
    lengths: Int32Array.from(rows, (ids) => ids.length),
    output: 'pooled',
    normalize: true,
  };
}

function checkDimensions(dimensions: number, model: Model): void {
  if (dimensions === model.dimensions) return;
  throw new BackendUnavailableError(
    `The self-check failed: vectors have ${dimensions} dimensions where the model's description says ${model.dimensions}`,
  );
}

function length(a: Float32Array): number {
  return Math.sqrt(a.reduce((sum, x) => sum + x * x, 0));
}

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return dot / Math.sqrt(aa * bb);
}
