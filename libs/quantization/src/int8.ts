import { Processor, type Vectors } from '@sutra-embedder/engine';
import { roundHalfEven, SMALLEST_SCALE } from './rounding';
import { type Coded, SchemeProcessor } from './scheme-processor';

/** A vector in int8: one code from -127 to 127 a dimension and one float32 scale; value = code x scale. */
export interface Int8Vector {
  readonly codes: Int8Array;
  readonly scale: number;
}

/**
 * Codes one vector: scale = float32(max |x| / 127), code = x / scale in float64, rounded to the nearest,
 * ties to even (numpy's `rint`). So the opposite vector has the opposite codes. The zero vector has scale 0 and codes 0.
 * @param vector finite values of any length, magnitudes up to 1e38.
 */
export function encodeInt8(vector: Float32Array): Int8Vector {
  const codes = new Int8Array(vector.length);
  const scale = encodeRow(vector, 0, vector.length, codes, new Float32Array(vector.length));
  return { codes, scale };
}

/** The float32 values that the codes stand for: float32(code x scale). */
export function decodeInt8({ codes, scale }: Int8Vector): Float32Array {
  const values = new Float32Array(codes.length);
  for (let i = 0; i < values.length; i++) values[i] = (codes[i] as number) * scale;
  return values;
}

/** Dot product of the decoded values, by integer arithmetic on the codes. Lengths must be equal. */
export function dotInt8(a: Int8Vector, b: Int8Vector): number {
  return dotCodes(a.codes, b.codes) * a.scale * b.scale;
}

/** Cosine similarity, -1 to 1; 0 when either vector is zero. Lengths must be equal. Scales do not matter to it. */
export function cosineInt8(a: Int8Vector, b: Int8Vector): number {
  const squares = dotCodes(a.codes, a.codes) * dotCodes(b.codes, b.codes);
  const dot = dotCodes(a.codes, b.codes);
  return squares === 0 ? 0 : Math.max(-1, Math.min(1, dot / Math.sqrt(squares)));
}

function dotCodes(a: Int8Array, b: Int8Array): number {
  if (a.length !== b.length) throw new RangeError(`The vectors differ in length: ${a.length} and ${b.length}`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Codes `length` values from `start` and writes codes and decoded values at the same place. Returns the scale. */
function encodeRow(
  values: Float32Array,
  start: number,
  length: number,
  codes: Int8Array,
  decoded: Float32Array,
): number {
  const end = start + length;
  let largest = 0;
  for (let i = start; i < end; i++) {
    const size = Math.abs(values[i] as number);
    if (size > largest) largest = size;
  }
  const scale = Math.fround(largest / 127);
  if (scale < SMALLEST_SCALE) return 0;
  for (let i = start; i < end; i++) {
    const code = roundHalfEven((values[i] as number) / scale) | 0;
    codes[i] = code;
    decoded[i] = code * scale;
  }
  return scale;
}

/** Codes vectors in int8 with one scale each: a quarter of the bytes, decoded cosine about 0.99997. */
@Processor()
export class Int8Processor extends SchemeProcessor {
  readonly id = 'int8';
  protected readonly scheme = 'int8';

  protected code({ rows, dimensions, values }: Vectors): Coded {
    const codes = new Int8Array(rows * dimensions);
    const decoded = new Float32Array(rows * dimensions);
    const scales = new Float32Array(rows);
    for (let row = 0; row < rows; row++) {
      scales[row] = encodeRow(values, row * dimensions, dimensions, codes, decoded);
    }
    const bytes = new Uint8Array(codes.buffer);
    return { codes: { scheme: 'int8', bytesPerVector: dimensions, bytes, scales }, values: decoded };
  }
}
