import { writeJsonInTurns, type EmbedResult, type JsonPart } from '@sutra-embedder/engine';

/** A vector a text, and nothing else. */
export function writeVectors({ items }: EmbedResult): Promise<Buffer> {
  return writeJsonInTurns(
    (function* (): Iterable<JsonPart> {
      for (const { index, values } of items) {
        yield index === 0 ? '[' : ',';
        yield values;
      }
      yield ']';
    })(),
  );
}

/** A vector for every token of every text. */
export function writeTokenVectors({ items, plan }: EmbedResult): Promise<Buffer> {
  return writeJsonInTurns(
    (function* (): Iterable<JsonPart> {
      for (const { index, values } of items) {
        yield index === 0 ? '[' : ',';
        yield* tokenVectors(values, plan.model.dimensions);
      }
      yield ']';
    })(),
  );
}

function* tokenVectors(values: Float32Array, dimensions: number): Iterable<JsonPart> {
  for (let at = 0; at < values.length; at += dimensions) {
    yield at === 0 ? '[' : ',';
    yield values.subarray(at, at + dimensions);
  }
  yield ']';
}
