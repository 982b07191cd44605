import { asciiText } from './base64.ts';

const HEAD = new TextEncoder().encode('{"embeddings":["');
const [QUOTE, COMMA, BRACKET] = [0x22, 0x2c, 0x5d];

/** Vectors as they came: arrays of numbers, or base64 strings made one at a time, so that each dies young. */
export interface WireVectors {
  readonly length: number;
  at(index: number): unknown;
}

export interface EncodedBody {
  readonly vectors: WireVectors;
  /** What stands beside the vectors, as JSON. */
  readonly rest: string;
}

/**
 * Takes `{"embeddings":["..","..",..],..}` apart, where all strings are equally long, as base64 of vectors is. JSON.parse
 * would first make one string of it all.
 * @returns undefined where the body is of any other form, which JSON.parse will know what to do with
 */
export function splitEncodedBody(bytes: Uint8Array): EncodedBody | undefined {
  if (HEAD.some((byte, i) => bytes[i] !== byte)) return undefined;
  const size = bytes.indexOf(QUOTE, HEAD.length) - HEAD.length;
  const startOf = (index: number) => HEAD.length + index * (size + 3);
  if (size < 0) return undefined;
  for (let length = 1; ; length++) {
    const end = startOf(length) - 3;
    if (bytes[end] !== QUOTE) return undefined;
    if (bytes[end + 1] === COMMA && bytes[end + 2] === QUOTE) continue;
    if (bytes[end + 1] !== BRACKET || bytes[end + 2] !== COMMA) return undefined;
    const at = (index: number) => asciiText(bytes, startOf(index), startOf(index) + size);
    return { vectors: { length, at }, rest: `{${new TextDecoder().decode(bytes.subarray(end + 3))}` };
  }
}
