/** Axes to project on, laid out for `project`: six axes interleaved, value by value. */
export interface Projection {
  readonly axes: number;
  readonly dimensions: number;
  readonly packed: Float64Array;
}

/**
 * Axes worked on together: enough running sums that none waits for another, few enough for the processor's registers.
 * Rows are taken one by one, because the engine finishes them one by one.
 */
const WIDTH = 6;

/** @param rows axes x dimensions, row-major. */
export function packProjection(rows: Float32Array, axes: number, dimensions: number): Projection {
  // Axes that fill up the last group stay 0.
  const packed = new Float64Array(Math.ceil(axes / WIDTH) * WIDTH * dimensions);
  for (let axis = 0; axis < axes; axis++) {
    const start = Math.floor(axis / WIDTH) * WIDTH * dimensions + (axis % WIDTH);
    for (let i = 0; i < dimensions; i++) packed[start + i * WIDTH] = rows[axis * dimensions + i] as number;
  }
  return { axes, dimensions, packed };
}

/**
 * Dot products of each row with each axis, each summed in float64 in the order of the dimensions and rounded to float32
 * once.
 * @param values rows x dimensions.
 * @returns rows x axes.
 */
export function project(values: Float32Array, rows: number, { axes, dimensions, packed }: Projection): Float32Array {
  const result = new Float32Array(rows * axes);
  const row = new Float64Array(dimensions);
  const sums = new Float64Array(WIDTH);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < dimensions; i++) row[i] = values[r * dimensions + i] as number;
    for (let axis = 0; axis < axes; axis += WIDTH) {
      sumGroup(row, packed, axis * dimensions, sums);
      const count = Math.min(WIDTH, axes - axis);
      for (let k = 0; k < count; k++) result[r * axes + axis + k] = sums[k] as number;
    }
  }
  return result;
}

function sumGroup(row: Float64Array, packed: Float64Array, start: number, sums: Float64Array): void {
  let [a, b, c, d, e, f] = [0, 0, 0, 0, 0, 0];
  for (let i = 0, j = start; i < row.length; i++, j += WIDTH) {
    const value = row[i] as number;
    a += value * (packed[j] as number);
    b += value * (packed[j + 1] as number);
    c += value * (packed[j + 2] as number);
    d += value * (packed[j + 3] as number);
    e += value * (packed[j + 4] as number);
    f += value * (packed[j + 5] as number);
  }
  sums[0] = a;
  sums[1] = b;
  sums[2] = c;
  sums[3] = d;
  sums[4] = e;
  sums[5] = f;
}
