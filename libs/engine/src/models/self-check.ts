import type { Artifact, Batch, Model, SessionHost, Tokenizer } from '../contracts';
import { BackendUnavailableError } from '../errors';

/** Texts of different lengths for a model that has no reference vectors. */
const SOUNDNESS_TEXTS = ['A', 'The quick brown fox jumps over the lazy dog.', '0 1 2 3 4 5 6 7 8 9 - (a) [b] {c}'];

/** Most tokens of a batch of more than one text, padding included. */
const PADDED_TOKENS = 256;

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
  let lowest = 1;
  for (const probes of groups(model.probes.map((probe) => ({ ...probe, ids: idsOf(probe.text, model, tokenizer) })))) {
    const { vectors, dimensions } = await host.run(batchOf(probes.map(({ ids }) => ids)));
    checkDimensions(dimensions, model);
    probes.forEach(({ vector }, row) => {
      lowest = Math.min(lowest, cosine(vector, vectors.subarray(row * dimensions, (row + 1) * dimensions)));
    });
  }
  // Written so that NaN fails too.
  if (!(lowest >= artifact.probeCosine)) {
    throw new BackendUnavailableError(
      `The self-check failed: cosine ${lowest.toFixed(5)} to the reference vectors where ${artifact.probeCosine} is the least`,
    );
  }
}

async function checkSoundness(host: Pick<SessionHost, 'run'>, model: Model, tokenizer: Tokenizer): Promise<void> {
  const batch = () => batchOf(SOUNDNESS_TEXTS.map((text) => idsOf(text, model, tokenizer)));
  const { vectors, dimensions } = await host.run(batch());
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
  const again = await host.run(batch());
  if (again.vectors.some((value, index) => value !== vectors[index])) {
    throw new BackendUnavailableError('The self-check failed: the same batch gave different vectors the second time');
  }
}

function idsOf(text: string, model: Model, tokenizer: Tokenizer): Int32Array {
  return tokenizer.encode(text, model.maxTokens, 'end').ids;
}

/**
 * Texts in their order, with little padding: a runtime keeps the memory of its largest batch, which short texts padded to
 * a long one would be.
 */
function groups<Text extends { readonly ids: Int32Array }>(texts: readonly Text[]): Text[][] {
  const found: Text[][] = [];
  let longest = 0;
  for (const text of texts) {
    longest = Math.max(longest, text.ids.length);
    const group = found.at(-1);
    if (group && (group.length + 1) * longest <= PADDED_TOKENS) group.push(text);
    else {
      found.push([text]);
      longest = text.ids.length;
    }
  }
  return found;
}

function batchOf(rows: readonly Int32Array[]): Batch {
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
