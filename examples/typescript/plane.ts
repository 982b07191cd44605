import type { Vector } from '@sutra-embedder/client';

/** Where vectors lie along the two directions in which they differ most (their first two principal components). */
export function plane(vectors: readonly Vector[]): { x: number; y: number }[] {
  // Of n vectors, the n x n products hold all that is needed; their length does not matter.
  const mean = Array.from(vectors[0], (_, i) => vectors.reduce((sum, v) => sum + v[i], 0) / vectors.length);
  const centered = vectors.map((vector) => Array.from(vector, (value, i) => value - mean[i]));
  const products = centered.map((a) => centered.map((b) => dot(a, b)));
  const [x, y] = [strongest(products), strongest(without(products, strongest(products)))];
  return vectors.map((_, i) => ({ x: x[i], y: y[i] }));
}

/** Coordinates along the strongest direction, by power iteration. */
function strongest(products: readonly number[][]): number[] {
  let direction = products.map((_, i) => 1 + i);
  let strength = 0;
  for (let round = 0; round < 300; round++) {
    const next = products.map((row) => dot(row, direction));
    strength = Math.sqrt(dot(next, next));
    direction = next.map((value) => value / strength);
  }
  return direction.map((value) => value * Math.sqrt(strength));
}

function without(products: readonly number[][], coordinates: readonly number[]): number[][] {
  return products.map((row, i) => row.map((value, j) => value - coordinates[i] * coordinates[j]));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
