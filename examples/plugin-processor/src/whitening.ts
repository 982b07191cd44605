/** A whitening transform: y = (x - mean) times the columns of a matrix, the widest axis first. */
export interface Whitening {
  /** Id of the model that it was fitted on. */
  readonly model: string;
  /** Length of the vectors it takes. */
  readonly dimensions: number;
  /** Longest vectors it gives. */
  readonly axes: number;
  readonly mean: Float32Array;
  /** axes x dimensions, row-major: each row an axis, divided by the standard deviation along it. */
  readonly matrix: Float32Array;
}

export function writeWhitening({ mean, matrix, ...rest }: Whitening): string {
  return JSON.stringify({ ...rest, mean: encode(mean), matrix: encode(matrix) });
}

/** @throws Error that says what is wrong with the text */
export function readWhitening(text: string): Whitening {
  const { model, dimensions, axes, mean, matrix } = JSON.parse(text) as Record<string, unknown>;
  if (typeof model !== 'string' || model === '') throw new Error('it names no model');
  if (!isCount(dimensions) || !isCount(axes) || axes > dimensions) throw new Error('its sizes are no sizes');
  return {
    model,
    dimensions,
    axes,
    mean: decode(mean, dimensions, 'mean'),
    matrix: decode(matrix, axes * dimensions, 'matrix'),
  };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

/** Little-endian float32 as base64, on every machine. */
function encode(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
  return bytes.toString('base64');
}

function decode(text: unknown, length: number, name: string): Float32Array {
  const bytes = Buffer.from(typeof text === 'string' ? text : '', 'base64');
  if (bytes.length !== length * 4)
    throw new Error(`its ${name} holds ${bytes.length / 4} numbers instead of ${length}`);
  const values = Float32Array.from({ length }, (_, i) => bytes.readFloatLE(i * 4));
  if (!values.every(Number.isFinite)) throw new Error(`its ${name} holds something that is no number`);
  return values;
}
