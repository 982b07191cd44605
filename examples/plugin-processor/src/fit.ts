import { symmetricEigen } from './symmetric-eigen';
import type { Whitening } from './whitening';

/** Along an axis with less than this share of the widest axis's variance there is nothing but rounding. */
const LEAST_SHARE = 1e-6;

/**
 * Fits a whitening on vectors of texts that are like those it will be used on.
 * @param vectors all of one length; more of them than dimensions
 */
export function fit(model: string, vectors: readonly Float32Array[]): Whitening {
  const dimensions = vectors[0]?.length ?? 0;
  if (vectors.length <= dimensions || dimensions === 0) {
    throw new Error(
      `${vectors.length} texts are too few for ${dimensions} dimensions; give more texts than dimensions`,
    );
  }
  const mean = new Float64Array(dimensions);
  for (const vector of vectors) vector.forEach((value, i) => (mean[i] = (mean[i] as number) + value / vectors.length));
  const { values, axes } = symmetricEigen(covariance(vectors, mean), dimensions);
  const widest = values[0] as number;
  const kept = values.filter((variance) => variance > widest * LEAST_SHARE).length;
  const matrix = new Float32Array(kept * dimensions);
  for (let axis = 0; axis < kept; axis++) {
    const scale = 1 / Math.sqrt(values[axis] as number);
    for (let i = 0; i < dimensions; i++) {
      matrix[axis * dimensions + i] = (axes[axis * dimensions + i] as number) * scale;
    }
  }
  return { model, dimensions, axes: kept, mean: Float32Array.from(mean), matrix };
}

function covariance(vectors: readonly Float32Array[], mean: Float64Array): Float64Array {
  const n = mean.length;
  const sums = new Float64Array(n * n);
  const centered = new Float64Array(n);
  for (const vector of vectors) {
    for (let i = 0; i < n; i++) centered[i] = (vector[i] as number) - (mean[i] as number);
    for (let i = 0; i < n; i++) {
      const x = centered[i] as number;
      for (let j = i; j < n; j++) sums[i * n + j] = (sums[i * n + j] as number) + x * (centered[j] as number);
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) sums[j * n + i] = sums[i * n + j] = (sums[i * n + j] as number) / vectors.length;
  }
  return sums;
}
