import { decodeBase64, decodedLength } from './base64.ts';
import { packedLength, unpackInt4, type Vector } from './codes.ts';
import type { WireVectors } from './encoded-body.ts';
import { UnexpectedResponseError } from './errors.ts';
import type { EncodingFormat, QuantizationScheme, StreamingConfig, StreamingMetadata } from './wire.ts';

/** What vectors in this encoding become. */
export type VectorOf<F extends EncodingFormat> = F extends 'packed' ? Int8Array | Uint8Array : Float32Array;

/** How the vectors of one answer were encoded. */
export interface Coding {
  readonly format: EncodingFormat;
  readonly scheme: QuantizationScheme;
  readonly dimensions: number;
}

/**
 * Vectors from the wire: arrays of numbers, or base64 strings. Those that came encoded lie one after the other in one
 * buffer, for thousands of small ones would cost more than the decoding.
 * @throws UnexpectedResponseError where one is neither, or not of the length that was promised
 */
export function decodeVectors(wire: WireVectors, { format, scheme, dimensions }: Coding): Vector[] {
  const size = format === 'packed' ? packedLength(scheme, dimensions) : dimensions * 4;
  let block: Uint8Array | undefined;
  return Array.from({ length: wire.length }, (_, i) => {
    const vector = wire.at(i);
    if (Array.isArray(vector)) return Float32Array.from(vector as number[]);
    if (typeof vector !== 'string') throw new UnexpectedResponseError(NO_VECTOR);
    block ??= new Uint8Array(wire.length * size);
    const bytes = block.subarray(i * size, (i + 1) * size);
    try {
      decodeBase64(vector, bytes);
    } catch (cause) {
      throw new UnexpectedResponseError(`A vector of ${dimensions} dimensions could not be decoded`, { cause });
    }
    // Little-endian on the wire, as is every platform this runs on.
    if (format !== 'packed') return new Float32Array(bytes.buffer, bytes.byteOffset, dimensions);
    if (scheme === 'int8') return new Int8Array(bytes.buffer, bytes.byteOffset, dimensions);
    return scheme === 'int4' ? unpackInt4(bytes, dimensions) : bytes;
  });
}

const NO_VECTOR = 'The answer holds something that is no vector. Is a Sutra-Embedder at this address?';

/** One vector of a stream. Its records do not name the scheme: it is what was asked for, or the preset's own. */
export function decodeStreamed<F extends EncodingFormat>(
  wire: unknown,
  { scale }: Pick<StreamingMetadata, 'scale'>,
  config: StreamingConfig<F>,
): VectorOf<F> {
  const format: EncodingFormat = config.encoding_format ?? 'base64';
  const scheme = config.quantization ?? (scale === undefined ? 'binary' : 'int8');
  const dimensions = config.dimensions ?? (typeof wire === 'string' ? dimensionsOf(wire, format, scheme) : 0);
  // Which class a vector is of follows from the format, as VectorOf says.
  return decodeVectors([wire], { format, scheme, dimensions })[0] as VectorOf<F>;
}

/** A length that was not asked for is the model's own, which fills its bytes. */
function dimensionsOf(wire: string, format: EncodingFormat, scheme: QuantizationScheme): number {
  const bytes = decodedLength(wire);
  if (format !== 'packed') return bytes / 4;
  return bytes * (scheme === 'binary' ? 8 : scheme === 'int4' ? 2 : 1);
}
