import { EngineError, InvalidArgumentError, readBody } from '@sutra-embedder/engine';
import { z } from 'zod';

export const EMBEDDING_TYPES = ['float', 'int8', 'uint8', 'binary', 'ubinary', 'base64'] as const;
export type EmbeddingType = (typeof EMBEDDING_TYPES)[number];

/** As many as Cohere takes in a request. */
const MOST_TEXTS = 96;

const inputType = z.enum(['search_document', 'search_query', 'classification', 'clustering', 'image']);

const common = {
  texts: z.array(z.string()).nullish(),
  images: z.array(z.unknown()).nullish(),
  truncate: z.enum(['NONE', 'START', 'END']).nullish(),
  embedding_types: z.array(z.enum(EMBEDDING_TYPES)).nullish(),
  max_tokens: z.int().min(1).nullish(),
  output_dimension: z.int().nullish(),
  priority: z.int().nullish(),
};

const Part = z.looseObject({ type: z.string(), text: z.string().optional() });

const V2 = z.strictObject({
  ...common,
  model: z.string().max(256),
  input_type: inputType,
  inputs: z.array(z.strictObject({ content: z.array(Part) })).nullish(),
});

const V1 = z.strictObject({ ...common, model: z.string().max(256).nullish(), input_type: inputType.nullish() });

/** What both versions come to. */
export interface EmbedBody {
  readonly texts: readonly string[];
  readonly model: string | undefined;
  readonly inputType: z.infer<typeof inputType> | undefined;
  readonly truncate: 'NONE' | 'START' | 'END';
  /** Undefined in version 1 where none was asked for: its reply then has another shape. */
  readonly types: readonly EmbeddingType[] | undefined;
  readonly dimensions: number | undefined;
  readonly maxTokens: number | undefined;
  /** What the caller should know of fields that were read and have no effect. */
  readonly warnings: readonly string[];
}

/** @throws EngineError naming the field */
export function readV2(body: unknown): EmbedBody {
  const { inputs, ...rest } = readBody(V2, body);
  const texts = inputs ? (rest.texts ?? []).concat(inputs.map(({ content }) => textOf(content))) : rest.texts;
  return complete({ ...rest, texts }, 'float');
}

/** @throws EngineError naming the field */
export function readV1(body: unknown): EmbedBody {
  return complete(readBody(V1, body), undefined);
}

function complete(fields: z.infer<typeof V1>, type: EmbeddingType | undefined): EmbedBody {
  const { texts, images, input_type: kind, embedding_types: types } = fields;
  if ((images && images.length > 0) || kind === 'image') throw noImages();
  if (!texts || texts.length === 0) throw refuse('texts must hold at least one text');
  if (texts.length > MOST_TEXTS) {
    throw refuse(`texts must hold at most ${MOST_TEXTS} texts; it holds ${texts.length}`);
  }
  return {
    texts,
    model: fields.model ?? undefined,
    inputType: kind ?? undefined,
    truncate: fields.truncate ?? 'END',
    types: types && types.length > 0 ? [...new Set(types)] : type && [type],
    dimensions: fields.output_dimension ?? undefined,
    maxTokens: fields.max_tokens ?? undefined,
    warnings: fields.priority ? ['priority has no effect: every request has its fair turn here'] : [],
  };
}

function textOf(content: readonly z.infer<typeof Part>[]): string {
  return content
    .map(({ type, text }) => {
      if (type !== 'text' || text === undefined) throw noImages();
      return text;
    })
    .join('\n');
}

function noImages(): EngineError {
  return new EngineError('UNIMPLEMENTED', 'This server embeds texts only; send no images');
}

function refuse(message: string): InvalidArgumentError {
  return new InvalidArgumentError(message, { field: 'texts' });
}
