import {
  Base64,
  coderOf,
  type Coder,
  type EmbedRequest,
  type JsonPart,
  type Plan,
  type PlanRequest,
} from '@sutra-embedder/engine';
import type { EmbeddingType } from './embed-body';

/** One type of a reply: how each vector is written. */
export type VectorWriter = (values: Float32Array) => JsonPart;

interface Plans {
  plan(request: PlanRequest): Promise<Plan>;
}

/**
 * How vectors are written in one of Cohere's types. uint8 is int8 plus 128; binary is ubinary minus 128, eight
 * dimensions a byte, the first in the most significant bit, 1 where the value is greater than 0.
 */
export async function writerOf(type: EmbeddingType, request: EmbedRequest, plans: Plans): Promise<VectorWriter> {
  switch (type) {
    case 'float':
      return (values) => values;
    case 'base64':
      return (values) => new Base64(values);
    case 'int8':
      return numbers(await coderOf('int8', request, plans), (byte) => (byte << 24) >> 24);
    case 'uint8':
      return numbers(await coderOf('int8', request, plans), (byte) => ((byte << 24) >> 24) + 128);
    case 'ubinary':
      return numbers(await coderOf('binary', request, plans), (byte) => byte);
    case 'binary':
      return numbers(await coderOf('binary', request, plans), (byte) => byte - 128);
    default:
      return type satisfies never;
  }
}

function numbers(code: Coder, meaning: (byte: number) => number): VectorWriter {
  return (values) => `[${Array.from(code(values), meaning).join(',')}]`;
}
