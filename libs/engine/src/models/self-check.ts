import type { Artifact, Model, SessionHost, Tokenizer } from '../contracts';
import { BackendUnavailableError } from '../errors';

/**
 * A fresh session must reproduce its model's reference vectors before it serves: a wrong file, saturating kernels or a
 * broken driver give wrong numbers without any error.
 * @throws BackendUnavailableError with the lowest cosine found
 */
export async function selfCheck(host: SessionHost, model: Model, artifact: Artifact, tokenizer: Tokenizer): Promise<void> {
  const rows = model.probes.map(({ text }) => tokenizer.encode(text, model.maxTokens, 'end').ids);
  const lengths = Int32Array.from(rows, (ids) => ids.length);
  const ids = Int32Array.from(rows.flatMap((row) => [...row]));
  const { vectors, dimensions } = await host.run({ ids, lengths, output: 'pooled', normalize: true });
  if (dimensions !== model.dimensions) {
    throw new BackendUnavailableError(
      `The self-check failed: vectors have ${dimensions} dimensions where the model's manifest says ${model.dimensions}`,
    );
  }
  const lowest = model.probes.reduce(
    (least, { vector }, row) => Math.min(least, cosine(vector, vectors.subarray(row * dimensions, (row + 1) * dimensions))),
    1,
  );
  // Written so that NaN fails too.
  if (!(lowest >= artifact.probeCosine)) {
    throw new BackendUnavailableError(
      `The self-check failed: cosine ${lowest.toFixed(5)} to the reference vectors where ${artifact.probeCosine} is the least`,
    );
  }
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
