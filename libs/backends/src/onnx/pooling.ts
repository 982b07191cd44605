import type { Pooling } from '@sutra-embedder/engine/session';

/**
 * Token vectors to one vector a row, over the real tokens only. Sums are kept in float64, so that a row's result does
 * not depend on how long its batch was padded.
 *
 * @param hidden token vectors, row-major
 * @param lengths real tokens of each row
 * @param starts where each row begins among the token vectors
 * @returns rows x dimensions
 */
export function poolRows(
  hidden: Float32Array,
  lengths: Int32Array,
  starts: Int32Array,
  dimensions: number,
  pooling: Pooling,
): Float32Array {
  const pooled = new Float32Array(lengths.length * dimensions);
  const sum = new Float64Array(dimensions);
  for (let row = 0; row < lengths.length; row++) {
    const start = (starts[row] as number) * dimensions;
    const length = lengths[row] as number;
    const out = pooled.subarray(row * dimensions, (row + 1) * dimensions);
    switch (pooling) {
      case 'mean':
        mean(hidden, start, length, sum, out);
        break;
      case 'cls':
        out.set(hidden.subarray(start, start + dimensions));
        break;
      case 'last':
        out.set(hidden.subarray(start + (length - 1) * dimensions, start + length * dimensions));
        break;
      default:
        pooling satisfies never;
    }
  }
  return pooled;
}

function mean(hidden: Float32Array, start: number, length: number, sum: Float64Array, out: Float32Array): void {
  const dimensions = sum.length;
  sum.fill(0);
  for (let token = 0, at = start; token < length; token++) {
    for (let d = 0; d < dimensions; d++, at++) sum[d] = (sum[d] as number) + (hidden[at] as number);
  }
  for (let d = 0; d < dimensions; d++) out[d] = (sum[d] as number) / length;
}

/** Rows of real tokens without the padding between them: (sum of lengths) x dimensions. */
export function joinRows(
  hidden: Float32Array,
  lengths: Int32Array,
  starts: Int32Array,
  dimensions: number,
): Float32Array {
  const total = lengths.reduce((tokens, length) => tokens + length, 0);
  const rows = new Float32Array(total * dimensions);
  let at = 0;
  lengths.forEach((length, row) => {
    const start = (starts[row] as number) * dimensions;
    rows.set(hidden.subarray(start, start + length * dimensions), at);
    at += length * dimensions;
  });
  return rows;
}
