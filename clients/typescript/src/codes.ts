import type { QuantizationScheme } from './wire.ts';

/** A vector as this client hands it out: values, int8 or unpacked int4 codes, or binary's packed bits. */
export type Vector = Float32Array | Int8Array | Uint8Array;

/**
 * Bytes that the packed codes of one vector take. int8: one a dimension. int4: two dimensions a byte, the low half first.
 * binary: one bit a dimension, the first in the most significant bit.
 * @throws RangeError where the scheme has no codes
 */
export function packedLength(scheme: QuantizationScheme, dimensions: number): number {
  switch (scheme) {
    case 'int8':
      return dimensions;
    case 'int4':
      return (dimensions + 1) >> 1;
    case 'binary':
      return (dimensions + 7) >> 3;
    default:
      throw new RangeError(`The scheme ${scheme} has no codes`);
  }
}

/** Two's complement halves of bytes, the low half first, as one element each. */
export function unpackInt4(bytes: Uint8Array, dimensions: number): Int8Array {
  const codes = new Int8Array(dimensions);
  for (let i = 0; i < dimensions; i++) {
    const byte = bytes[i >> 1] as number;
    codes[i] = (i & 1 ? byte << 24 : byte << 28) >> 28;
  }
  return codes;
}

/**
 * The float32 values that codes stand for, equal to the bit to what the server gives as base64.
 * int8 and int4: float32(code x scale). binary: plus or minus 1/sqrt(dimensions).
 * @param scale of an int8 or int4 vector, from `metadata.quantization.scales`
 * @param dimensions of a binary vector; default 8 a byte
 */
export function dequantize(codes: Int8Array, scale: number): Float32Array;
export function dequantize(bits: Uint8Array, dimensions?: number): Float32Array;
export function dequantize(codes: Int8Array | Uint8Array, parameter?: number): Float32Array {
  if (codes instanceof Int8Array) {
    if (parameter === undefined) throw new TypeError('int8 and int4 codes need their scale');
    // The server's scale is a float32; its decimals were read as a double.
    const scale = Math.fround(parameter);
    return Float32Array.from(codes, (code) => code * scale);
  }
  const dimensions = parameter ?? codes.length * 8;
  const one = 1 / Math.sqrt(dimensions);
  return Float32Array.from({ length: dimensions }, (_, i) =>
    ((codes[i >> 3] as number) >> (7 - (i & 7))) & 1 ? one : -one,
  );
}
