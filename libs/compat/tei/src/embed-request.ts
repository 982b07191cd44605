import { readBody, type EmbeddingService, type EmbedRequest } from '@sutra-embedder/engine';
import { z } from 'zod';
import { readInputs, withoutFrame } from './inputs';

type Direction = 'left' | 'right';

const direction = z
  .enum(['left', 'right', 'Left', 'Right'])
  .nullish()
  .transform((value) => (value?.toLowerCase() ?? 'right') as Direction);

/** What every route says of its texts. null is what some clients send for a field that was not set. */
export const textOptions = {
  truncate: z.boolean().nullish(),
  truncation_direction: direction,
  prompt_name: z.string().max(64).nullish(),
};

/** text-embeddings-inference serves one model and has no field for it. Here one may be named. */
export const modelOption = { model: z.string().max(256).nullish() };

export const EmbedBody = z.strictObject({
  inputs: z.unknown(),
  ...textOptions,
  ...modelOption,
  normalize: z.boolean().nullish(),
  dimensions: z.number().nullish(),
  // huggingface_hub sends it only when it is set; base64 is for OpenAI's route.
  encoding_format: z.literal('float').nullish(),
});

export const EmbedAllBody = z.strictObject({ inputs: z.unknown(), ...textOptions, ...modelOption });

interface TextOptions {
  readonly truncate?: boolean | null | undefined;
  readonly truncation_direction: Direction;
  readonly prompt_name?: string | null | undefined;
}

/** Texts that are too long are cut unless that is refused, as text-embeddings-inference does by default. */
export function optionsOf({ truncate, truncation_direction: side, prompt_name: prompt }: TextOptions) {
  return {
    truncate: truncate === false ? 'none' : side === 'left' ? 'start' : 'end',
    inputType: prompt ?? undefined,
    textsField: 'inputs',
  } as const satisfies Partial<EmbedRequest>;
}

/**
 * A body of POST /embed as the engine's request.
 * @param model named in the query, where a client cannot name one in the body
 * @throws EngineError naming the field
 */
export async function toEmbedRequest(
  body: unknown,
  model: string | undefined,
  embeddings: Pick<EmbeddingService, 'plan'>,
): Promise<EmbedRequest> {
  const options = readBody(EmbedBody, body);
  return withTexts(options.inputs, embeddings, {
    ...optionsOf(options),
    model: options.model ?? model,
    normalize: options.normalize ?? true,
    dimensions: options.dimensions ?? undefined,
  });
}

/** A body of POST /embed_all: a vector for every token, as the model gives it. */
export async function toEmbedAllRequest(
  body: unknown,
  model: string | undefined,
  embeddings: Pick<EmbeddingService, 'plan'>,
): Promise<EmbedRequest> {
  const options = readBody(EmbedAllBody, body);
  return withTexts(options.inputs, embeddings, {
    ...optionsOf(options),
    model: options.model ?? model,
    output: 'tokens',
    normalize: false,
  });
}

async function withTexts(
  inputs: unknown,
  embeddings: Pick<EmbeddingService, 'plan'>,
  request: Omit<EmbedRequest, 'texts'>,
): Promise<EmbedRequest> {
  const texts = readInputs(inputs);
  if (texts.every((text) => typeof text === 'string')) return { ...request, texts };
  const { tokenizer } = await embeddings.plan(request);
  return { ...request, texts: texts.map((text) => (typeof text === 'string' ? text : withoutFrame(text, tokenizer))) };
}
