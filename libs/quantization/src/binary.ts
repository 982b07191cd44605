import { Processor, type Vectors } from '@sutra-embedder/engine';
import { type Coded, SchemeProcessor } from './scheme-processor';

/**
 * One bit a dimension: 1 where the value is greater than 0, else 0 (zero included). Eight to a byte, the first
 * dimension in the most significant bit; a length not divisible by 8 is padded with zero bits. Equal to
 * `np.packbits(x > 0)` and so to the `ubinary` of sentence-transformers.
 * @param vector finite values of any length.
 * @returns ceil(length / 8) bytes.
 */
export function encodeBinary(vector: Float32Array): Uint8Array {
  const bytes = new Uint8Array(bytesFor(vector.length));
  encodeRow(bitsOf(vector), 0, vector.length, bytes, 0);
  return bytes;
}

/**
 * The values that packed bits stand for: 1/sqrt(dimensions) for bit 1 and its negative for bit 0, so that the vector
 * has length 1.
 * @param dimensions length of the vector that was coded; padding bits are dropped by it.
 */
export function decodeBinary(bytes: Uint8Array, dimensions: number): Float32Array {
  if (bytes.length !== bytesFor(dimensions)) {
    throw new RangeError(`${dimensions} dimensions take ${bytesFor(dimensions)} bytes, not ${bytes.length}`);
  }
  const values = new Float32Array(dimensions);
  decodeRow(bytes, 0, dimensions, bitsOf(values), 0);
  return values;
}

/** The same bits as signed bytes, each 128 less: the `binary` of sentence-transformers. */
export function toSignedBinary(bytes: Uint8Array): Int8Array {
  return Int8Array.from(bytes, (byte) => byte - 128);
}

/** Undoes `toSignedBinary`. */
export function fromSignedBinary(bytes: Int8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte) => byte + 128);
}

/** Number of bits in which two packed codes differ, 0 to 8 x bytes. Padding bits are equal and count nothing. */
export function hammingDistance(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) throw new RangeError(`The codes differ in length: ${a.length} and ${b.length} bytes`);
  let distance = 0;
  for (let i = 0; i < a.length; i++) distance += BITS_SET[(a[i] as number) ^ (b[i] as number)] as number;
  return distance;
}

/** Cosine similarity of the decoded vectors, -1 to 1: 1 - 2 x hamming / dimensions. */
export function cosineBinary(a: Uint8Array, b: Uint8Array, dimensions: number): number {
  return 1 - (2 * hammingDistance(a, b)) / dimensions;
}

const BITS_SET = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

function bytesFor(dimensions: number): number {
  return Math.ceil(dimensions / 8);
}

/** The bits of float32 values, without a copy. Comparing them needs no branch, and signs are too random to predict. */
function bitsOf(values: Float32Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}

/** 1 for the bits of a value greater than 0; 0 for 0, -0 and what is below. */
function isPositive(bits: number): number {
  return (~bits & -bits) >>> 31;
}

function encodeRow(bits: Int32Array, start: number, dimensions: number, bytes: Uint8Array, to: number): void {
  const whole = dimensions >> 3;
  for (let byte = 0, i = start; byte < whole; byte++, i += 8) {
    bytes[to + byte] =
      (isPositive(bits[i] as number) << 7) |
      (isPositive(bits[i + 1] as number) << 6) |
      (isPositive(bits[i + 2] as number) << 5) |
      (isPositive(bits[i + 3] as number) << 4) |
      (isPositive(bits[i + 4] as number) << 3) |
      (isPositive(bits[i + 5] as number) << 2) |
      (isPositive(bits[i + 6] as number) << 1) |
      isPositive(bits[i + 7] as number);
  }
  if (dimensions === whole * 8) return;
  let last = 0;
  for (let i = whole * 8; i < dimensions; i++) last |= isPositive(bits[start + i] as number) << (7 - (i & 7));
  bytes[to + whole] = last;
}

function decodeRow(bytes: Uint8Array, from: number, dimensions: number, bits: Int32Array, to: number): void {
  const one = bitsOf(Float32Array.of(1 / Math.sqrt(dimensions)))[0] as number;
  for (let i = 0; i < dimensions; i++) {
    const bit = (bytes[from + (i >> 3)] as number) >> (7 - (i & 7));
    // The highest bit of a float32 is its sign.
    bits[to + i] = one | (~bit << 31);
  }
}

/** Codes vectors as packed sign bits: a thirty-second of the bytes. Longer vectors (expansion) keep more quality. */
@Processor()
export class BinaryProcessor extends SchemeProcessor {
  readonly id = 'binary';
  protected readonly scheme = 'binary';

  protected code({ rows, dimensions, values }: Vectors): Coded {
    const bytesPerVector = bytesFor(dimensions);
    const bytes = new Uint8Array(rows * bytesPerVector);
    const decoded = new Float32Array(rows * dimensions);
    const from = bitsOf(values);
    const to = bitsOf(decoded);
    for (let row = 0; row < rows; row++) {
      encodeRow(from, row * dimensions, dimensions, bytes, row * bytesPerVector);
      decodeRow(bytes, row * bytesPerVector, dimensions, to, row * dimensions);
    }
    return { codes: { scheme: 'binary', bytesPerVector, bytes }, values: decoded };
  }
}
