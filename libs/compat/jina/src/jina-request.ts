import { InvalidArgumentError, readBody, UnimplementedError, type EmbedRequest } from '@sutra-embedder/engine';
import { z } from 'zod';

export const EMBEDDING_TYPES = ['float', 'base64', 'binary', 'ubinary'] as const;
export type EmbeddingType = (typeof EMBEDDING_TYPES)[number];

/** As many as Jina takes in a request. */
const MOST_INPUTS = 2048;

/** What a task comes to: the prompt of a model that has some. The others take a text as it is. */
const INPUT_TYPES: Readonly<Record<string, 'query' | 'passage' | undefined>> = {
  retrieval: undefined,
  'retrieval.query': 'query',
  'retrieval.passage': 'passage',
  'text-matching': undefined,
  classification: undefined,
  separation: undefined,
  clustering: undefined,
  code: undefined,
  'code.query': 'query',
  'code.passage': 'passage',
  'nl2code.query': 'query',
  'nl2code.passage': 'passage',
  'qa.query': 'query',
  'qa.passage': 'passage',
  'code2code.query': 'query',
  'code2code.passage': 'passage',
  'code2nl.query': 'query',
  'code2nl.passage': 'passage',
  'code2completion.query': 'query',
  'code2completion.passage': 'passage',
};

const type = z.union([z.enum(EMBEDDING_TYPES), z.array(z.enum(EMBEDDING_TYPES)).length(1)], {
  error: `must be one of ${EMBEDDING_TYPES.join(', ')}; for several forms of a vector send several requests`,
});
/** All of a body but its input. null is what some clients send for a field that was not set. */
const Options = z.strictObject({
  model: z.string().max(256).nullish(),
  dimensions: z.number().nullish(),
  task: z.enum(Object.keys(INPUT_TYPES) as [string, ...string[]]).nullish(),
  late_chunking: z.boolean().nullish(),
  embedding_type: type.nullish(),
  // What LlamaIndex calls it, and OpenAI.
  encoding_type: type.nullish(),
  encoding_format: type.nullish(),
  normalized: z.boolean().nullish(),
  truncate: z.boolean().nullish(),
  return_multivector: z.boolean().nullish(),
  user: z.string().nullish(),
});

export interface TextRequest extends EmbedRequest {
  readonly texts: readonly string[];
}

export interface JinaRequest {
  readonly request: TextRequest;
  readonly type: EmbeddingType;
  readonly late: boolean;
}

/**
 * Jina's body as the engine's request.
 * @throws EngineError naming the field
 */
export function toJinaRequest(body: unknown): JinaRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new InvalidArgumentError('The request body must be a JSON object');
  }
  const { input, ...rest } = body as { input?: unknown };
  const options = readBody(Options, rest);
  if (options.return_multivector) {
    throw new UnimplementedError('return_multivector is not served here; one vector a text is');
  }
  const [one = 'float'] = [
    options.embedding_type ?? options.encoding_type ?? options.encoding_format ?? 'float',
  ].flat();
  return {
    type: one,
    late: options.late_chunking === true,
    request: {
      model: options.model ?? undefined,
      dimensions: options.dimensions ?? undefined,
      normalize: options.normalized ?? undefined,
      inputType: options.task ? INPUT_TYPES[options.task] : undefined,
      truncate: options.truncate === false ? 'none' : undefined,
      texts: textsOf(input),
      textsField: 'input',
    },
  };
}

function textsOf(input: unknown): readonly string[] {
  const inputs: readonly unknown[] = Array.isArray(input) ? input : [input];
  if (inputs.length === 0 || inputs.length > MOST_INPUTS) {
    throw new InvalidArgumentError(`input must hold 1 to ${MOST_INPUTS} texts; it holds ${inputs.length}`, {
      field: 'input',
    });
  }
  return inputs.map((one, index) => {
    const text: unknown = typeof one === 'object' && one !== null && 'text' in one ? one.text : one;
    const field = Array.isArray(input) ? `input[${index}]` : 'input';
    if (typeof text === 'object' && text !== null)
      throw new UnimplementedError(`${field} is no text; this server embeds texts only`);
    if (typeof text !== 'string' || text === '') {
      throw new InvalidArgumentError(`${field} must be a text that is not empty, or an object with one`, { field });
    }
    return text;
  });
}
