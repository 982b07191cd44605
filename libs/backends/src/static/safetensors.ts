import type { FileHandle } from 'node:fs/promises';
import { ModelNotAvailableError } from '@sutra-embedder/engine/session';

/** Element types that occur in static models, by their name in the file. */
export const DTYPE_BYTES = Object.freeze({ F64: 8, F32: 4, F16: 2, I64: 8, I32: 4, I8: 1 });
export type Dtype = keyof typeof DTYPE_BYTES;

/** Where a tensor lies in its file. */
export interface TensorEntry {
  readonly name: string;
  /** As the file says it; may be one that DTYPE_BYTES does not know. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Absolute position of the first byte. */
  readonly position: number;
  readonly bytes: number;
}

/** The format's own limit for a header; a larger one is an attack or a broken file. */
const LONGEST_HEADER = 100_000_000;

/**
 * The tensors of a safetensors file, none read yet. Every position is checked against the file's size.
 * Format: https://github.com/huggingface/safetensors#format
 * @throws ModelNotAvailableError when the file is not what it claims to be
 */
export async function readHeader(file: FileHandle): Promise<ReadonlyMap<string, TensorEntry>> {
  const { size } = await file.stat();
  if (size < 8) throw broken('it is shorter than its own header');
  const prefix = Buffer.alloc(8);
  await readFully(file, prefix, 0);
  const length = prefix.readBigUInt64LE();
  if (length > LONGEST_HEADER || length > size - 8) throw broken('its header is longer than the file');
  const text = Buffer.alloc(Number(length));
  await readFully(file, text, 8);
  return parseHeader(text, size - 8 - text.length, 8 + text.length);
}

/**
 * @param text the header's JSON
 * @param dataBytes size of what follows the header
 * @param base absolute position of what follows the header
 */
export function parseHeader(text: Uint8Array, dataBytes: number, base: number): ReadonlyMap<string, TensorEntry> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    throw broken('its header is not JSON');
  }
  if (!isRecord(json)) throw broken('its header is not a JSON object');
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(json)) {
    if (name !== '__metadata__') tensors.set(name, toEntry(name, value, dataBytes, base));
  }
  return tensors;
}

function toEntry(name: string, value: unknown, dataBytes: number, base: number): TensorEntry {
  if (!isRecord(value)) throw broken(`tensor "${name}" is not described`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw broken(`tensor "${name}" has no dtype`);
  if (!isSizes(shape)) throw broken(`tensor "${name}" has no shape`);
  if (!isSizes(offsets) || offsets.length !== 2) throw broken(`tensor "${name}" has no data_offsets`);
  const [begin, end] = offsets as [number, number];
  if (begin > end || end > dataBytes) throw broken(`tensor "${name}" lies outside the file`);
  if (isKnownDtype(dtype) && shape.reduce((product, axis) => product * axis, DTYPE_BYTES[dtype]) !== end - begin) {
    throw broken(`tensor "${name}" has ${end - begin} bytes, which is not what its shape and dtype say`);
  }
  return { name, dtype, shape: Object.freeze(shape), position: base + begin, bytes: end - begin };
}

/**
 * Fills `target` from a position of the file.
 * @throws ModelNotAvailableError when the file ends before that
 */
export async function readFully(file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) throw broken('it ends before its last tensor');
    done += bytesRead;
  }
}

export function isKnownDtype(dtype: string): dtype is Dtype {
  return Object.hasOwn(DTYPE_BYTES, dtype);
}

export function broken(reason: string): ModelNotAvailableError {
  return new ModelNotAvailableError(`The model's safetensors file is broken: ${reason}; fetch the model again`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
