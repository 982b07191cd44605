/**
 * Scales each row to Euclidean length 1, in place. The length is summed in float64; a zero row stays zero.
 * @param values rows x dimensions, row-major
 */
export function normalizeRows(values: Float32Array, dimensions: number): void {
  for (let start = 0; start < values.length; start += dimensions) {
    const end = start + dimensions;
    let squares = 0;
    for (let i = start; i < end; i++) squares += (values[i] as number) * (values[i] as number);
    if (squares === 0) continue;
    const scale = 1 / Math.sqrt(squares);
    for (let i = start; i < end; i++) values[i] = (values[i] as number) * scale;
  }
}
