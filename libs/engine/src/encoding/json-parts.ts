import { writeExactly } from './exact-buffer';
import { floatsByteLength, writeFloats } from './float-json';

/** Bytes that leave as base64 in a JSON string; those of a Float32Array are little-endian float32. */
export class Base64 {
  constructor(readonly bytes: ArrayBufferView) {}
}

/** A piece of a JSON text: text as it is, a vector as an array of numbers, or bytes as base64. */
export type JsonPart = string | Float32Array | Base64;

/** Most bytes written before the event loop gets its turn: about two milliseconds' worth of vectors. */
const SLICE_BYTES = 1 << 20;
/** Up to here, writing character by character is faster than a call into the runtime. */
const SHORT = 48;
const QUOTE = 34;

/** The bytes of all parts, one after the other. */
export function writeJson(parts: readonly JsonPart[]): Buffer {
  return writeExactly(
    parts.reduce((sum, part) => sum + mostBytes(part), 0),
    (target) => parts.reduce((at, part) => writePart(part, target, at), 0),
  );
}

/** The same of many parts, in slices, so that other requests are not held up by a long answer. */
export async function writeJsonInTurns(parts: Iterable<JsonPart>): Promise<Buffer> {
  const slices: Buffer[] = [];
  let pending: JsonPart[] = [];
  let most = 0;
  for (const part of parts) {
    const size = mostBytes(part);
    if (most > 0 && most + size > SLICE_BYTES) {
      slices.push(writeJson(pending));
      pending = [];
      most = 0;
      await new Promise(setImmediate);
    }
    pending.push(part);
    most += size;
  }
  const last = writeJson(pending);
  return slices.length === 0 ? last : Buffer.concat([...slices, last]);
}

function mostBytes(part: JsonPart): number {
  if (typeof part === 'string') return part.length * 3;
  return part instanceof Base64 ? 4 * Math.ceil(part.bytes.byteLength / 3) + 2 : floatsByteLength(part.length);
}

/** @returns offset after the last byte written */
function writePart(part: JsonPart, target: Buffer, offset: number): number {
  if (typeof part === 'string') return writeText(part, target, offset);
  if (!(part instanceof Base64)) return writeFloats(part, target, offset);
  const { buffer, byteOffset, byteLength } = part.bytes;
  let at = offset;
  target[at++] = QUOTE;
  at += target.write(Buffer.from(buffer, byteOffset, byteLength).toString('base64'), at, 'latin1');
  target[at++] = QUOTE;
  return at;
}

function writeText(text: string, target: Buffer, offset: number): number {
  if (text.length > SHORT) return offset + target.write(text, offset, 'utf8');
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return offset + target.write(text, offset, 'utf8');
    target[offset + i] = code;
  }
  return offset + text.length;
}
