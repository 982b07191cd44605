import {
  Base64,
  coderOf,
  writeJsonInTurns,
  type EmbeddingService,
  type EmbedRequest,
  type JsonPart,
  type Plan,
} from '@sutra-embedder/engine';
import type { EmbeddingType } from './jina-request';

/** Finished vectors, however they were made. */
export interface Embedded {
  readonly plan: Plan;
  readonly vectors: readonly Float32Array[];
  readonly tokens: number;
  readonly truncated: readonly number[];
}

/** Jina's reply. `truncated`, which theirs has not, says which inputs lost tokens, where any did. */
export async function writeEmbeddings(
  { plan, vectors, tokens, truncated }: Embedded,
  type: EmbeddingType,
  request: EmbedRequest,
  plans: Pick<EmbeddingService, 'plan'>,
): Promise<Buffer> {
  const write = await writerOf(type, request, plans);
  const rest = {
    usage: { total_tokens: tokens, prompt_tokens: tokens },
    ...(truncated.length > 0 && { truncated }),
  };
  function* parts(): Iterable<JsonPart> {
    yield `{"model":${JSON.stringify(plan.model.id)},"object":"list","data":[`;
    for (const [index, values] of vectors.entries()) {
      yield `${index === 0 ? '' : '},'}{"object":"embedding","index":${index},"embedding":`;
      yield write(values);
    }
    yield `}],${JSON.stringify(rest).slice(1)}`;
  }
  return writeJsonInTurns(parts());
}

/** binary is ubinary minus 128; eight dimensions a byte, the first in the most significant bit. */
async function writerOf(
  type: EmbeddingType,
  request: EmbedRequest,
  plans: Pick<EmbeddingService, 'plan'>,
): Promise<(values: Float32Array) => JsonPart> {
  if (type === 'float') return (values) => values;
  if (type === 'base64') return (values) => new Base64(values);
  const code = await coderOf('binary', request, plans);
  const zero = type === 'binary' ? 128 : 0;
  return (values) => `[${Array.from(code(values), (byte) => byte - zero).join(',')}]`;
}
