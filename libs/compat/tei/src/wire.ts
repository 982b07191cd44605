import type { EmbedResult } from '@sutra-embedder/engine';

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** What a call cost, as the fields of tei.v1.Metadata in their order. */
export function metadataOf({ tokens, timings }: Pick<EmbedResult, 'tokens' | 'timings'>, characters: number): number[] {
  const nanoseconds = [timings.totalMs, timings.tokenizeMs, timings.queueMs, timings.inferMs].map((ms) =>
    Math.round(ms * 1e6),
  );
  return [characters, tokens, ...nanoseconds];
}

/**
 * An EmbedResponse in protobuf's wire format. A packed list of float32 is there as a Float32Array lies in memory, which
 * protobufjs would take apart number by number.
 */
export function embedResponse(vector: Float32Array, metadata: readonly number[]): Buffer {
  return Buffer.concat([...bytesField(1, bytesOf(vector)), ...bytesField(2, message(metadata))]);
}

/** An EmbedAllResponse: a TokenEmbedding for every token. */
export function embedAllResponse(values: Float32Array, dimensions: number, metadata: readonly number[]): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < values.length; at += dimensions) {
    const vector = bytesField(1, bytesOf(values.subarray(at, at + dimensions)));
    parts.push(...field(1, vector));
  }
  return Buffer.concat([...parts, ...bytesField(2, message(metadata))]);
}

function message(values: readonly number[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap((value, index) => (value === 0 ? [] : [((index + 1) << 3) | VARINT, ...varint(value)])),
  );
}

function field(number: number, parts: readonly Uint8Array[]): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [Uint8Array.from([(number << 3) | LENGTH_DELIMITED, ...varint(length)]), ...parts];
}

function bytesField(number: number, bytes: Uint8Array): Uint8Array[] {
  return field(number, [bytes]);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Of a whole number that may be longer than 32 bits. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
}
