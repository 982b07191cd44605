import { readBody, type EmbedRequest, type EmbedResult } from '@sutra-embedder/engine';
import { z } from 'zod';
import { modelOption, optionsOf, textOptions } from './embed-request';
import { MOST_INPUTS } from './inputs';
import { EmptyInputError, tooManyInputs } from './tei-errors';

const Body = z.strictObject({
  inputs: z.strictObject({ source_sentence: z.string(), sentences: z.array(z.string()) }),
  parameters: z.strictObject(textOptions).nullish(),
  ...modelOption,
});

/** A sentence and those to compare it with as one request, the sentence first. */
export function toSimilarityRequest(body: unknown, model: string | undefined): EmbedRequest {
  const { inputs, parameters, model: own } = readBody(Body, body);
  const { source_sentence: source, sentences } = inputs;
  if (sentences.length === 0) throw new EmptyInputError('inputs.sentences');
  if (sentences.length + 1 > MOST_INPUTS) throw tooManyInputs(sentences.length + 1, MOST_INPUTS);
  return {
    ...optionsOf(parameters ?? { truncation_direction: 'right' }),
    texts: [source, ...sentences],
    model: own ?? model,
  };
}

/** Cosines of all other vectors with the first. */
export function similarities({ items }: EmbedResult): number[] {
  const [source, ...others] = items.map(({ values }) => values);
  return source ? others.map((other) => cosine(source, other)) : [];
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    dot += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  const length = Math.sqrt(squaresA * squaresB);
  return length === 0 ? 0 : Math.max(-1, Math.min(1, dot / length));
}
