import { writeJsonInTurns, type EmbedResult, type JsonPart } from '@sutra-embedder/engine';
import type { VectorWriter } from './coded-types';
import type { EmbedBody, EmbeddingType } from './embed-body';

export interface ReplyParts {
  /** Names the request, here and in the log. */
  readonly id: string;
  readonly version: '1' | '2';
  readonly body: EmbedBody;
  /** None: a plain list of vectors, as version 1 has it. */
  readonly writers: ReadonlyMap<EmbeddingType, VectorWriter> | undefined;
}

/** Cohere's reply. */
export function writeReply(result: EmbedResult, reply: ReplyParts): Promise<Buffer> {
  return writeJsonInTurns(partsOf(result, reply));
}

function* partsOf(result: EmbedResult, { id, version, body, writers }: ReplyParts): Iterable<JsonPart> {
  yield `{"id":${JSON.stringify(id)},"embeddings":`;
  if (writers) {
    let before = '{';
    for (const [type, write] of writers) {
      yield `${before}"${type}":`;
      yield* list(result, write);
      before = ',';
    }
    yield '}';
  } else {
    yield* list(result, (values) => values);
  }
  const rest = {
    response_type: writers ? 'embeddings_by_type' : 'embeddings_floats',
    texts: body.texts,
    meta: metaOf(result, version, body.warnings),
  };
  yield `,${JSON.stringify(rest).slice(1)}`;
}

function* list({ items }: EmbedResult, write: VectorWriter): Iterable<JsonPart> {
  for (const { index, values } of items) {
    yield index === 0 ? '[' : ',';
    yield write(values);
  }
  yield ']';
}

/** Nothing is billed here: the tokens are those that were run. */
function metaOf({ tokens, plan }: EmbedResult, version: string, warnings: readonly string[]): object {
  const all = [...plan.notes, ...warnings];
  return {
    api_version: { version },
    billed_units: { input_tokens: tokens },
    ...(all.length > 0 && { warnings: all }),
  };
}
