import {
  InvalidArgumentError,
  normalizeRows,
  specialTokensAround,
  type EmbeddingService,
  type Plan,
  type Vectors,
} from '@sutra-embedder/engine';
import type { Embedded } from './embeddings-response';
import type { TextRequest } from './jina-request';

/**
 * Late chunking (Günther et al. 2024): all texts run as one, so that each token has seen the whole, and only then each
 * text's tokens are averaged. The special tokens at either end count with the first and the last text, so that a single
 * text gives the vector that it gives without late chunking.
 * @throws InvalidArgumentError where the texts together are too long, or the model does not average its tokens
 */
export async function embedLate(
  request: TextRequest,
  embeddings: Pick<EmbeddingService, 'embed' | 'plan'>,
  signal: AbortSignal,
): Promise<Embedded> {
  const { texts, model, hardwareProfile, textsField, principal, observer } = request;
  const plan = await embeddings.plan(request);
  const { chunks, frame } = tokenize(request, plan);
  const whole = {
    model,
    hardwareProfile,
    textsField,
    principal,
    observer,
    truncate: 'none',
    output: 'tokens',
  } as const;
  const { items, tokens } = await embeddings.embed({ ...whole, texts: [chunks.flat()], normalize: false }, signal);
  const values = items[0]?.values ?? new Float32Array();
  const pooled = new Float32Array(texts.length * plan.model.dimensions);
  let from = 0;
  chunks.forEach(({ length }, row) => {
    const to = from + length + (row === 0 ? frame.before : 0) + (row === chunks.length - 1 ? frame.after : 0);
    average(values, from, to, pooled.subarray(row * plan.model.dimensions, (row + 1) * plan.model.dimensions));
    from = to;
  });
  if (plan.normalize) normalizeRows(pooled, plan.model.dimensions);
  const finished = plan.steps.reduce<Vectors>((vectors, step) => step.apply(vectors), {
    rows: texts.length,
    dimensions: plan.model.dimensions,
    values: pooled,
  });
  const { dimensions } = finished;
  return {
    plan,
    tokens,
    truncated: [],
    vectors: texts.map((_, row) => finished.values.subarray(row * dimensions, (row + 1) * dimensions)),
  };
}

/** The token ids of each text, and how many special tokens stand before and after them all. */
function tokenize({ texts, inputType }: TextRequest, { model, tokenizer }: Plan) {
  if (model.pooling !== 'mean') {
    throw new InvalidArgumentError(
      `late_chunking needs a model that averages its tokens; "${model.id}" takes the ${model.pooling === 'cls' ? 'first' : 'last'} one`,
      { field: 'late_chunking', model: model.id },
    );
  }
  const { before, after } = specialTokensAround(tokenizer);
  const frame = { before: before.length, after: after.length };
  const prompt = inputType === undefined ? (model.defaultPrompt ?? '') : (model.prompts[inputType] ?? '');
  const chunks = texts.map((text, index) => {
    const { ids } = tokenizer.encode(index === 0 ? prompt + text : text, Number.MAX_SAFE_INTEGER, 'none');
    return [...ids.subarray(frame.before, ids.length - frame.after)];
  });
  const tokens = chunks.reduce((sum, { length }) => sum + length, frame.before + frame.after);
  if (tokens > model.maxTokens) {
    throw new InvalidArgumentError(
      `With late_chunking all texts run as one: together they have ${tokens} tokens where the model takes ${model.maxTokens}; send fewer at a time`,
      { field: 'input', tokens, max_tokens: model.maxTokens },
    );
  }
  const empty = chunks.findIndex(({ length }) => length === 0);
  if (empty >= 0) {
    throw new InvalidArgumentError(`input[${empty}] has no token of its own, so there is nothing to average`, {
      field: `input[${empty}]`,
    });
  }
  return { chunks, frame };
}

/** The mean of some tokens' vectors, in float64 as sessions pool. */
function average(values: Float32Array, from: number, to: number, target: Float32Array): void {
  const { length } = target;
  const sums = new Float64Array(length);
  for (let token = from; token < to; token++) {
    for (let i = 0; i < length; i++) sums[i] = (sums[i] as number) + (values[token * length + i] as number);
  }
  for (let i = 0; i < length; i++) target[i] = (sums[i] as number) / (to - from);
}
