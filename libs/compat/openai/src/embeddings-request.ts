import { InvalidArgumentError, readBody, type EmbeddingService, type EmbedRequest } from '@sutra-embedder/engine';
import { z } from 'zod';
import { readInput } from './input';
import { requireOwnIds } from './own-token-ids';

export type EncodingFormat = 'float' | 'base64';

/** All of a body but its input. null is what some clients send for a field that was not set. */
const Options = z.strictObject({
  model: z.string().max(256).nullish(),
  dimensions: z.number().nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  // Theirs to tell end users apart; nothing is kept of it here.
  user: z.string().nullish(),
  // Not OpenAI's: the prompt of a model that has some, and what happens to a text that is too long.
  input_type: z.string().max(64).nullish(),
  truncate: z.enum(['start', 'end', 'none']).nullish(),
});

/**
 * OpenAI's body as the engine's request.
 * @throws InvalidArgumentError naming the field
 */
export async function toEmbedRequest(
  body: unknown,
  embeddings: Pick<EmbeddingService, 'plan'>,
): Promise<{ request: EmbedRequest; format: EncodingFormat }> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new InvalidArgumentError('The request body must be a JSON object');
  }
  const { input, ...rest } = body as { input?: unknown };
  const options = readBody(Options, rest);
  const texts = readInput(input);
  const plan = { model: options.model ?? undefined, dimensions: options.dimensions ?? undefined };
  return {
    format: options.encoding_format ?? 'float',
    request: {
      ...plan,
      texts: texts.ids ? requireOwnIds(texts.ids, await embeddings.plan(plan)) : texts.strings,
      textsField: 'input',
      inputType: options.input_type ?? undefined,
      truncate: options.truncate ?? undefined,
    },
  };
}
