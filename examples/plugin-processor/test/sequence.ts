/** Numbers from 0 to 1 in a fixed order: the same tests everywhere. */
export function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Vectors whose values depend on each other and are not centered, as embeddings are. */
export function dependentVectors(rows: number, dimensions: number): Float32Array[] {
  const next = sequence(3);
  const mix = Float64Array.from({ length: dimensions * dimensions }, () => next() - 0.5);
  return Array.from({ length: rows }, () => {
    const source = Float64Array.from({ length: dimensions }, () => next() - 0.4);
    return Float32Array.from({ length: dimensions }, (_, i) =>
      source.reduce((sum, value, j) => sum + value * (mix[i * dimensions + j] as number), 0),
    );
  });
}
