import type { EmbeddingService, EmbedRequest, Plan } from '@sutra-embedder/engine';
import type { EmbedBody } from './embed-body';

const TRUNCATION = { NONE: 'none', START: 'start', END: 'end' } as const;

/**
 * Cohere's body as the engine's request. The vectors are asked for as they are; the codes that were asked for are made of
 * them afterwards, so that all types of one reply are of the same vector.
 */
export async function toEmbedRequest(
  { texts, model, inputType, truncate, dimensions, maxTokens }: EmbedBody,
  embeddings: Pick<EmbeddingService, 'plan'>,
): Promise<EmbedRequest> {
  const request = { model, dimensions, quantization: 'none' as const };
  const prompt = inputType && promptFor(inputType, (await embeddings.plan(request)).model);
  return { ...request, texts, inputType: prompt, truncate: TRUNCATION[truncate], maxTokens };
}

/** The prompt of the model that an input type stands for, or none where the model has none of the kind. */
function promptFor(inputType: NonNullable<EmbedBody['inputType']>, { prompts }: Plan['model']): string | undefined {
  switch (inputType) {
    case 'search_query':
      return 'query';
    case 'search_document':
      return 'passage';
    case 'classification':
    case 'clustering':
      return Object.hasOwn(prompts, inputType) ? inputType : undefined;
    case 'image':
      return undefined;
    default:
      return inputType satisfies never;
  }
}
