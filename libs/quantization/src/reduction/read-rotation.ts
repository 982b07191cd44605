import { readFile } from 'node:fs/promises';
import { type Model, ModelNotAvailableError, type Rotation } from '@sutra-embedder/engine';

/** How far from 1 the squared length of an axis may be; float32 rounding leaves it within 1e-6. */
const LENGTH_TOLERANCE = 1e-3;

/**
 * Reads the first `axes` axes of a model's rotation: axes x native dimensions, row-major.
 * @throws ModelNotAvailableError when the file is missing or is not the rotation that the manifest describes.
 */
export async function readRotation(model: Model, rotation: Rotation, axes: number): Promise<Float32Array> {
  const { dimensions } = model;
  const bytes = await readFile(rotation.path).catch((cause: unknown) => {
    throw unusable(model, 'cannot be read', cause);
  });
  const expected = rotation.axes * dimensions * 4;
  if (bytes.length !== expected) {
    throw unusable(model, `has ${bytes.length} bytes; ${rotation.axes} axes x ${dimensions} float32 are ${expected}`);
  }
  const rows = new Float32Array(axes * dimensions);
  for (let axis = 0; axis < axes; axis++) {
    let squares = 0;
    for (let i = axis * dimensions; i < (axis + 1) * dimensions; i++) {
      const value = bytes.readFloatLE(i * 4);
      rows[i] = value;
      squares += value * value;
    }
    if (!(Math.abs(squares - 1) < LENGTH_TOLERANCE)) throw unusable(model, `holds an axis (${axis}) not of length 1`);
  }
  return rows;
}

function unusable(model: Model, what: string, cause?: unknown): ModelNotAvailableError {
  const message =
    `The rotation file of model "${model.id}" ${what}. ` +
    'Install the model again, fit a new rotation for it, or ask for its own number of dimensions';
  return Object.assign(new ModelNotAvailableError(message, { field: 'dimensions', model: model.id }), { cause });
}
