import { Isometry } from '../expansion/isometry';

/**
 * Turns the axes by the fixed rotation of their number, so that a projection on them gives values of about equal spread.
 * Along principal axes the first values are by far the largest, and codes with one scale would spend their range on
 * those few. Dot products of projections stay what they were, and it costs nothing once done.
 * @param rows axes x dimensions, row-major; not changed.
 */
export function mixAxes(rows: Float32Array, axes: number, dimensions: number): Float32Array {
  const mixed = new Float32Array(rows.length);
  const rotation = new Isometry(axes, axes);
  const before = new Float32Array(axes);
  const after = new Float32Array(axes);
  for (let i = 0; i < dimensions; i++) {
    for (let axis = 0; axis < axes; axis++) before[axis] = rows[axis * dimensions + i] as number;
    rotation.apply(before, 0, after, 0);
    for (let axis = 0; axis < axes; axis++) mixed[axis * dimensions + i] = after[axis] as number;
  }
  return mixed;
}
