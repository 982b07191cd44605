import { open, type FileHandle } from 'node:fs/promises';
import { ModelNotAvailableError } from '@sutra-embedder/engine/session';
import { decodeFloat16 } from './float16';
import { broken, isKnownDtype, readFully, readHeader, type Dtype, type TensorEntry } from './safetensors';
import { readUnknownId } from './unknown-token';

/** A static model in memory that threads can share; plain data, so that it can be posted to them. */
export interface StaticMatrix {
  readonly dimensions: number;
  /** Tokens of the vocabulary. */
  readonly vocabulary: number;
  /** Rows of `values`; fewer than tokens where tokens share rows. */
  readonly rows: number;
  /** Element type of `values`. float16 files are decoded to float32 when they are read. */
  readonly dtype: 'F32' | 'I8';
  /** Token vectors, rows x dimensions, row-major. */
  readonly values: SharedArrayBuffer;
  /** Int32 a token: the row it reads, or DROPPED. */
  readonly rowOf: SharedArrayBuffer;
  /** Float64 a token: what its row is multiplied with; null where that is always 1. */
  readonly weights: SharedArrayBuffer | null;
}

/** The row of a token that does not count, neither in the sum nor in the number of tokens. */
export const DROPPED = -1;

/** Where a static model lies; absolute paths. */
export interface StaticModelFiles {
  /** model.safetensors. */
  readonly path: string;
  readonly tokenizerPath: string;
}

/**
 * A static model as model2vec runs it: tokens that the vocabulary does not know are left out of every text.
 * @throws ModelNotAvailableError naming what is missing, broken or not supported
 */
export async function loadStaticModel({ path, tokenizerPath }: StaticModelFiles): Promise<StaticMatrix> {
  const [matrix, unknownId] = await Promise.all([readStaticMatrix(path), readUnknownId(tokenizerPath)]);
  drop(matrix, unknownId);
  return matrix;
}

/**
 * Reads model.safetensors as model2vec writes it: `embeddings`, and where there are such, a weight for each token
 * (`weights`) and the row that each token reads (`mapping`).
 * @throws ModelNotAvailableError naming what is missing, broken or not supported
 */
export async function readStaticMatrix(path: string): Promise<StaticMatrix> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch {
    throw new ModelNotAvailableError("The model's safetensors file cannot be read; fetch the model again");
  }
  try {
    const tensors = await readHeader(file);
    // sentence-transformers' StaticEmbedding has the same matrix under another name.
    const embeddings = tensors.get('embeddings') ?? tensors.get('embedding.weight');
    if (!embeddings) throw broken('it has no tensor named "embeddings"');
    const [rows = 0, dimensions = 0] = embeddings.shape;
    if (embeddings.shape.length !== 2 || rows === 0 || dimensions === 0) {
      throw broken('"embeddings" is not a matrix of token vectors');
    }
    const rowOf = await readRows(file, tensors.get('mapping'), rows);
    const vocabulary = rowOf.byteLength / Int32Array.BYTES_PER_ELEMENT;
    const weights = await readWeights(file, tensors.get('weights'), vocabulary);
    return { dimensions, vocabulary, rows, ...(await readValues(file, embeddings)), rowOf, weights };
  } finally {
    await file.close();
  }
}

async function readValues(file: FileHandle, entry: TensorEntry): Promise<Pick<StaticMatrix, 'dtype' | 'values'>> {
  const dtype = known(entry);
  if (dtype === 'I8' || dtype === 'F32') {
    const values = new SharedArrayBuffer(entry.bytes);
    await readFully(file, new Uint8Array(values), entry.position);
    return { dtype, values };
  }
  if (dtype === 'F16') {
    const values = new SharedArrayBuffer(entry.bytes * 2);
    decodeFloat16(new Uint16Array(await bytesOf(file, entry)), new Float32Array(values));
    return { dtype: 'F32', values };
  }
  throw unsupported(entry, 'F32, F16 or I8');
}

async function readRows(file: FileHandle, mapping: TensorEntry | undefined, rows: number): Promise<SharedArrayBuffer> {
  const from = mapping
    ? await numbersOf(file, mapping, ['I32', 'I64'])
    : Int32Array.from({ length: rows }, (_, row) => row);
  const shared = new SharedArrayBuffer(from.length * Int32Array.BYTES_PER_ELEMENT);
  const rowOf = new Int32Array(shared);
  for (let token = 0; token < from.length; token++) {
    const row = from[token] as number;
    if (row < 0 || row >= rows) throw broken(`"mapping" sends token ${token} to row ${row} of ${rows}`);
    rowOf[token] = row;
  }
  return shared;
}

/** Leaves a token out of every text. */
function drop({ rowOf, vocabulary }: StaticMatrix, token: number | null): void {
  if (token !== null && token >= 0 && token < vocabulary) new Int32Array(rowOf)[token] = DROPPED;
}

async function readWeights(
  file: FileHandle,
  entry: TensorEntry | undefined,
  vocabulary: number,
): Promise<SharedArrayBuffer | null> {
  if (!entry) return null;
  const from = await numbersOf(file, entry, ['F64', 'F32', 'F16']);
  if (from.length !== vocabulary) {
    throw broken(`"weights" has ${from.length} values where there are ${vocabulary} tokens`);
  }
  const shared = new SharedArrayBuffer(from.length * Float64Array.BYTES_PER_ELEMENT);
  new Float64Array(shared).set(from);
  return shared;
}

/** A one-dimensional tensor as numbers. */
async function numbersOf(
  file: FileHandle,
  entry: TensorEntry,
  supported: readonly Dtype[],
): Promise<ArrayLike<number>> {
  const dtype = known(entry);
  if (!supported.includes(dtype)) throw unsupported(entry, supported.join(', '));
  if (entry.shape.length !== 1) throw broken(`"${entry.name}" is not a list`);
  const bytes = await bytesOf(file, entry);
  switch (dtype) {
    case 'F64':
      return new Float64Array(bytes);
    case 'F32':
      return new Float32Array(bytes);
    case 'F16': {
      const floats = new Float32Array(bytes.byteLength / 2);
      decodeFloat16(new Uint16Array(bytes), floats);
      return floats;
    }
    case 'I64':
      return Float64Array.from(new BigInt64Array(bytes), Number);
    case 'I32':
      return new Int32Array(bytes);
    case 'I8':
      return new Int8Array(bytes);
    default:
      return dtype satisfies never;
  }
}

async function bytesOf(file: FileHandle, entry: TensorEntry): Promise<ArrayBuffer> {
  const bytes = new ArrayBuffer(entry.bytes);
  await readFully(file, new Uint8Array(bytes), entry.position);
  return bytes;
}

function known(entry: TensorEntry): Dtype {
  if (isKnownDtype(entry.dtype)) return entry.dtype;
  throw unsupported(entry, 'F32, F16 or I8');
}

function unsupported({ name, dtype }: TensorEntry, supported: string): ModelNotAvailableError {
  return new ModelNotAvailableError(
    `The model's tensor "${name}" holds ${dtype}, which is not supported; save the model with ${supported}`,
  );
}
