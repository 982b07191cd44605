import { Processor, type Vectors } from '@sutra-embedder/engine';
import { roundHalfEven, SMALLEST_SCALE } from './rounding';
import { type Coded, SchemeProcessor } from './scheme-processor';

/** A vector in int4: codes from -8 to 7, two to a byte, and one float32 scale; value = code x scale. */
export interface Int4Vector {
  /**
   * ceil(dimensions / 2) bytes. Even dimensions (0, 2, ...) in the low four bits, odd ones in the high four, each in
   * two's complement. An odd length leaves the last high four bits 0.
   */
  readonly bytes: Uint8Array;
  readonly dimensions: number;
  readonly scale: number;
}

/** The step, in standard deviations, at which 16 evenly spaced levels lose least of normally distributed values. */
const NORMAL_STEP = 0.335;
/** How far apart the steps lie that the search compares. */
const STRIDE = 1.12;

/**
 * Codes one vector with the step that loses least of it. The largest values may be clipped: evenly covering them would
 * cost all others precision. Candidate steps are compared by the cosine of what they decode to, starting where normally
 * distributed values have their best and climbing until it falls; code = x / step, rounded to the nearest (ties to even)
 * and clipped to -8..7; the scale is the least-squares fit of the codes to the vector. The zero vector has scale 0.
 * @param vector finite values of any length, magnitudes up to 1e38.
 */
export function encodeInt4(vector: Float32Array): Int4Vector {
  const bytes = new Uint8Array(bytesFor(vector.length));
  const row = new Float64Array(vector.length);
  const scale = encodeRow(vector, 0, row, bytes, 0);
  return { bytes, dimensions: vector.length, scale };
}

/** The float32 values that the codes stand for: float32(code x scale). */
export function decodeInt4({ bytes, dimensions, scale }: Int4Vector): Float32Array {
  const values = new Float32Array(dimensions);
  decodeRow(bytes, 0, scale, values, 0, dimensions);
  return values;
}

/** Dot product of the decoded values, by integer arithmetic on the codes. Lengths must be equal. */
export function dotInt4(a: Int4Vector, b: Int4Vector): number {
  return dotCodes(a, b) * a.scale * b.scale;
}

/** Cosine similarity, -1 to 1; 0 when either vector is zero. Lengths must be equal. Scales do not matter to it. */
export function cosineInt4(a: Int4Vector, b: Int4Vector): number {
  const squares = dotCodes(a, a) * dotCodes(b, b);
  const dot = dotCodes(a, b);
  return squares === 0 ? 0 : Math.max(-1, Math.min(1, dot / Math.sqrt(squares)));
}

function dotCodes(a: Int4Vector, b: Int4Vector): number {
  if (a.dimensions !== b.dimensions) {
    throw new RangeError(`The vectors differ in length: ${a.dimensions} and ${b.dimensions}`);
  }
  let sum = 0;
  for (let i = 0; i < a.bytes.length; i++) {
    const [x, y] = [a.bytes[i] as number, b.bytes[i] as number];
    // The padding of an odd length is 0 and adds nothing.
    sum += low(x) * low(y) + high(x) * high(y);
  }
  return sum;
}

function low(byte: number): number {
  return (byte << 28) >> 28;
}

function high(byte: number): number {
  return (byte << 24) >> 28;
}

function bytesFor(dimensions: number): number {
  return (dimensions + 1) >> 1;
}

function code(value: number, inverse: number): number {
  const nearest = roundHalfEven(value * inverse) | 0;
  return nearest > 7 ? 7 : nearest < -8 ? -8 : nearest;
}

/** How the codes of one step fit a row: the sums that give their cosine and the best scale. */
interface Fit {
  readonly inverse: number;
  /** Sum of value x code. */
  readonly dot: number;
  /** Sum of code x code. */
  readonly squares: number;
}

function fit(row: Float64Array, step: number): Fit {
  const inverse = 1 / step;
  let dot = 0;
  let squares = 0;
  for (let i = 0; i < row.length; i++) {
    const value = row[i] as number;
    const c = code(value, inverse);
    dot += value * c;
    squares += c * c;
  }
  return { inverse, dot, squares };
}

function better(a: Fit, b: Fit): boolean {
  return a.dot * a.dot * b.squares > b.dot * b.dot * a.squares;
}

/** Climbs from `start` in one direction while the cosine grows. */
function climb(row: Float64Array, start: number, first: Fit, factor: number): Fit {
  let best = first;
  for (let step = start * factor; ; step *= factor) {
    const next = fit(row, step);
    if (!better(next, best)) return best;
    best = next;
  }
}

function search(row: Float64Array, largest: number, squares: number): Fit {
  const rms = Math.sqrt(squares / row.length);
  // A step beyond largest / 7.5 would leave the outer codes unused.
  const start = Math.min(NORMAL_STEP * rms, largest / 7.5);
  const first = fit(row, start);
  const coarser = climb(row, start, first, STRIDE);
  return coarser === first ? climb(row, start, first, 1 / STRIDE) : coarser;
}

/** Codes the row at `start` of `values`, as long as the scratch `row`, into `bytes` at `to`. Returns the scale. */
function encodeRow(values: Float32Array, start: number, row: Float64Array, bytes: Uint8Array, to: number): number {
  let largest = 0;
  let squares = 0;
  for (let i = 0; i < row.length; i++) {
    const value = values[start + i] as number;
    row[i] = value;
    squares += value * value;
    largest = Math.max(largest, Math.abs(value));
  }
  if (largest / 7 < SMALLEST_SCALE) return 0;
  const best = search(row, largest, squares);
  const even = row.length & ~1;
  let byte = to;
  for (let i = 0; i < even; i += 2) {
    bytes[byte++] = (code(row[i] as number, best.inverse) & 15) | (code(row[i + 1] as number, best.inverse) << 4);
  }
  if (even < row.length) bytes[byte] = code(row[even] as number, best.inverse) & 15;
  return Math.fround(best.dot / best.squares);
}

function decodeRow(bytes: Uint8Array, from: number, scale: number, values: Float32Array, to: number, length: number) {
  const even = length & ~1;
  let byte = from;
  for (let i = 0; i < even; i += 2) {
    const pair = bytes[byte++] as number;
    values[to + i] = low(pair) * scale;
    values[to + i + 1] = high(pair) * scale;
  }
  if (even < length) values[to + even] = low(bytes[byte] as number) * scale;
}

/** Codes vectors in int4 with one scale each: an eighth of the bytes, decoded cosine about 0.994. */
@Processor()
export class Int4Processor extends SchemeProcessor {
  readonly id = 'int4';
  protected readonly scheme = 'int4';

  protected code({ rows, dimensions, values }: Vectors): Coded {
    const bytesPerVector = bytesFor(dimensions);
    const bytes = new Uint8Array(rows * bytesPerVector);
    const scales = new Float32Array(rows);
    const decoded = new Float32Array(rows * dimensions);
    const scratch = new Float64Array(dimensions);
    for (let row = 0; row < rows; row++) {
      const [start, to] = [row * dimensions, row * bytesPerVector];
      const scale = encodeRow(values, start, scratch, bytes, to);
      scales[row] = scale;
      decodeRow(bytes, to, scale, decoded, start, dimensions);
    }
    return { codes: { scheme: 'int4', bytesPerVector, bytes, scales }, values: decoded };
  }
}
