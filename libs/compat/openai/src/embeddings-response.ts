import { Base64, writeJsonInTurns, type EmbedResult, type JsonPart } from '@sutra-embedder/engine';
import type { EncodingFormat } from './embeddings-request';

/** OpenAI's reply. `truncated`, which theirs has not, says which inputs lost tokens, where any did. */
export function writeEmbeddings(result: EmbedResult, format: EncodingFormat): Promise<Buffer> {
  return writeJsonInTurns(partsOf(result, format));
}

function* partsOf({ items, plan, tokens, truncated }: EmbedResult, format: EncodingFormat): Iterable<JsonPart> {
  for (const { index, values } of items) {
    yield `${index === 0 ? '{"object":"list","data":[' : '},'}{"object":"embedding","index":${index},"embedding":`;
    yield format === 'float' ? values : new Base64(values);
  }
  const rest = {
    model: plan.model.id,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
    ...(truncated.length > 0 && { truncated }),
  };
  yield `}],${JSON.stringify(rest).slice(1)}`;
}
