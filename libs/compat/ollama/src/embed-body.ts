import { InvalidArgumentError, readBody, type EmbedRequest } from '@sutra-embedder/engine';
import { z } from 'zod';
import { servedName } from './model-name';

/** Seconds, or a length of time as Go writes it. */
const duration = z.union([z.number(), z.string().regex(/^-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$|^-?\d+(\.\d+)?$/)], {
  error: 'must be a number of seconds or a length of time such as "5m"',
});

const common = {
  model: z.string().max(256).nullish(),
  keep_alive: duration.nullish(),
  options: z.record(z.string(), z.unknown()).nullish(),
  // Not Ollama's: the prompt of a model that has some.
  input_type: z.string().max(64).nullish(),
};
const Embed = z.strictObject({
  ...common,
  input: z.union([z.string(), z.array(z.string())], { error: 'must be a text or an array of texts' }).nullish(),
  truncate: z.boolean().nullish(),
  dimensions: z.int().min(0).nullish(),
});
const Embeddings = z.strictObject({ ...common, prompt: z.string().nullish() });

export interface EmbedBody {
  /** As the caller wrote it, which is how the reply calls it. */
  readonly model: string;
  readonly request: EmbedRequest;
  /** What the caller should know of fields that were read and have no effect. */
  readonly notes: readonly string[];
}

/** @throws EngineError naming the field */
export function readEmbed(body: unknown): EmbedBody {
  const { input, truncate, dimensions, ...rest } = readBody(Embed, body);
  // Ollama takes an empty text for none, and an empty one among others for a text.
  const texts = input === '' || !input ? [] : typeof input === 'string' ? [input] : input;
  return toBody(rest, {
    texts,
    textsField: 'input',
    truncate: truncate === false ? 'none' : 'end',
    dimensions: dimensions || undefined,
  });
}

/** @throws EngineError naming the field */
export function readEmbeddings(body: unknown): EmbedBody {
  const { prompt, ...rest } = readBody(Embeddings, body);
  return toBody(rest, { texts: prompt ? [prompt] : [], textsField: 'prompt' });
}

interface CommonFields {
  readonly model?: string | null | undefined;
  readonly keep_alive?: unknown;
  readonly options?: Record<string, unknown> | null | undefined;
  readonly input_type?: string | null | undefined;
}

function toBody(
  { model, keep_alive, options, input_type }: CommonFields,
  request: Omit<EmbedRequest, 'model'>,
): EmbedBody {
  const { num_ctx: context, ...others } = options ?? {};
  const ignored = Object.keys(others);
  const notes = [
    ...(keep_alive === undefined || keep_alive === null
      ? []
      : ['keep_alive has no effect: models stay loaded until SUTRA_MODEL_MEMORY_MB needs their room']),
    ...(ignored.length === 0 ? [] : [`options without effect on embeddings here: ${ignored.join(', ')}`]),
  ];
  return {
    model: model ?? '',
    notes,
    request: {
      ...request,
      model: servedName(model),
      inputType: input_type ?? undefined,
      maxTokens: context === undefined ? undefined : tokensOf(context),
    },
  };
}

function tokensOf(context: unknown): number | undefined {
  if (!Number.isInteger(context)) {
    throw new InvalidArgumentError('options.num_ctx must be a whole number of tokens', { field: 'options.num_ctx' });
  }
  // 0 and below is the model's own in Ollama too.
  return (context as number) > 0 ? (context as number) : undefined;
}
