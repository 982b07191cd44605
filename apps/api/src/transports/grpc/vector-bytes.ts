/** What an Embedding message holds: one of the two, and the scale of packed codes where there is one. */
export interface WireVector {
  /** Goes into `values`. */
  readonly values?: Float32Array | undefined;
  /** Goes into `packed`. */
  readonly packed?: Uint8Array | undefined;
  readonly scale?: number | undefined;
}

const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
const FIELD = { values: 1, packed: 16, scale: 17 };

/**
 * An Embedding as a field of its message, in protobuf's wire format. `repeated float` is packed little-endian float32 on
 * the wire, which is how a Float32Array lies in memory on every platform that Node runs on: nothing has to be converted.
 * @param field number of the field that holds the Embedding
 */
export function embeddingField(field: number, { values, packed, scale }: WireVector): Uint8Array[] {
  const parts: Uint8Array[] = [];
  if (values && values.length > 0) parts.push(...bytesField(FIELD.values, bytesOf(values)));
  if (packed && packed.length > 0) parts.push(...bytesField(FIELD.packed, packed));
  if (scale !== undefined) parts.push(floatField(FIELD.scale, scale));
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [header(field, length), ...parts];
}

export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function bytesField(field: number, bytes: Uint8Array): [Uint8Array, Uint8Array] {
  return [header(field, bytes.length), bytes];
}

function floatField(field: number, value: number): Uint8Array {
  const bytes = [...varint((field << 3) | FIXED32), 0, 0, 0, 0];
  const result = Buffer.from(bytes);
  result.writeFloatLE(value, bytes.length - 4);
  return result;
}

function header(field: number, length: number): Uint8Array {
  return Uint8Array.from([...varint((field << 3) | LENGTH_DELIMITED), ...varint(length)]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}
