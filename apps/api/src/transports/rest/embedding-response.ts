import {
  floatsByteLength,
  InvalidArgumentError,
  writeFloats,
  type EmbeddedText,
  type EmbedResult,
} from '@sutra-embedder/engine';
import { writeExactly } from './exact-buffer';
import type { EncodingFormat } from './dto/embedding-request.dto';
import type {
  EmbeddingResponseDto,
  ModelInfoDto,
  PerformanceMetricsDto,
  QuantizationDto,
  ResponseMetadataDto,
} from './dto/responses.dto';

export interface ResponseContext {
  readonly requestId: string;
  readonly format: EncodingFormat;
  readonly notes: readonly string[];
  readonly now: Date;
  readonly memoryBytes: number;
}

/** All of an answer but its vectors, the same on every transport. */
export function describeResult(
  result: EmbedResult,
  context: ResponseContext,
): Omit<EmbeddingResponseDto, 'embeddings'> {
  return {
    model_info: modelInfo(result),
    performance: performanceOf(result, context),
    metadata: metadataOf(result, context),
  };
}

/** Vectors written before the event loop gets its turn: about two milliseconds' worth. */
const SLICE = 128;

/** The whole answer as JSON bytes. A long one is written in slices, so that other requests are not held up. */
export async function writeResponse(result: EmbedResult, context: ResponseContext): Promise<Buffer> {
  const head = '{"embeddings":[';
  const tail = `],${JSON.stringify(describeResult(result, context)).slice(1)}`;
  const { items } = result;
  if (items.length <= SLICE) return writeSlice(head, items, tail, context.format);
  const slices: Buffer[] = [];
  for (let from = 0; from < items.length; from += SLICE) {
    const last = from + SLICE >= items.length;
    slices.push(writeSlice(from === 0 ? head : ',', items.slice(from, from + SLICE), last ? tail : '', context.format));
    if (!last) await new Promise(setImmediate);
  }
  return Buffer.concat(slices);
}

function writeSlice(head: string, items: readonly EmbeddedText[], tail: string, format: EncodingFormat): Buffer {
  const most = items.reduce((sum, item) => sum + mostBytes(item, format) + 1, head.length + Buffer.byteLength(tail));
  return writeExactly(most, (bytes) => {
    let at = bytes.write(head, 'latin1');
    items.forEach((item, index) => {
      if (index > 0) bytes[at++] = COMMA;
      at = writeItem(item, format, bytes, at);
    });
    return at + bytes.write(tail, at, 'utf8');
  });
}

const COMMA = 44;
const QUOTE = 34;

/** Most bytes of a vector's JSON. */
export function mostBytes(item: EmbeddedText, format: EncodingFormat): number {
  return format === 'float'
    ? floatsByteLength(item.values.length)
    : 4 * Math.ceil(coded(item, format).byteLength / 3) + 2;
}

/** @returns offset after the last byte written */
export function writeItem(item: EmbeddedText, format: EncodingFormat, target: Buffer, offset: number): number {
  if (format === 'float') return writeFloats(item.values, target, offset);
  const { buffer, byteOffset, byteLength } = coded(item, format);
  let at = offset;
  target[at++] = QUOTE;
  at += target.write(Buffer.from(buffer, byteOffset, byteLength).toString('base64'), at, 'latin1');
  target[at++] = QUOTE;
  return at;
}

/** base64: little-endian float32. packed: the codes. */
function coded({ values, codes }: EmbeddedText, format: Exclude<EncodingFormat, 'float'>): Float32Array | Uint8Array {
  if (format === 'base64') return values;
  if (!codes) throw nothingToPack();
  return codes.bytes;
}

/** @throws InvalidArgumentError before anything is computed, where packed was asked for and nothing is coded */
export function nothingToPack(): InvalidArgumentError {
  return new InvalidArgumentError(
    'encoding_format "packed" gives the codes of quantized vectors, and this request asks for none; set config.quantization, or use "base64" for float32',
    { field: 'encoding_format' },
  );
}

function modelInfo({ plan: { model, dimensions } }: EmbedResult): ModelInfoDto {
  return {
    model_id: model.id,
    name: model.name,
    dimensions,
    native_dimensions: model.dimensions,
    ...(model.qualityScore !== null && { quality_score: model.qualityScore }),
    size_mb: model.sizeMb,
  };
}

function performanceOf({ timings, items }: EmbedResult, { memoryBytes }: ResponseContext): PerformanceMetricsDto {
  return {
    latency_ms: round(timings.totalMs),
    throughput_emb_per_sec: round((items.length * 1000) / timings.totalMs),
    memory_usage_mb: round(memoryBytes / 1e6),
    timings_ms: {
      tokenize: round(timings.tokenizeMs),
      queue: round(timings.queueMs),
      infer: round(timings.inferMs),
      post_process: round(timings.postProcessMs),
    },
  };
}

function metadataOf(result: EmbedResult, { requestId, format, notes, now }: ResponseContext): ResponseMetadataDto {
  const { plan, tokens, truncated } = result;
  return {
    request_id: requestId,
    timestamp: now.toISOString(),
    hardware_profile: plan.profile,
    backend: plan.backend,
    precision: plan.artifact.precision,
    dimension_strategy: plan.dimensionStrategy,
    quantization: quantizationOf(result, format),
    encoding_format: format,
    usage: { tokens },
    truncated: [...truncated],
    notes: [...plan.notes, ...notes],
  };
}

function quantizationOf({ plan, items }: EmbedResult, format: EncodingFormat): QuantizationDto {
  const scales = items.map(({ codes }) => codes?.scales?.[0]).filter((scale) => scale !== undefined);
  return {
    scheme: plan.quantization,
    bytes_per_embedding: items[0]?.codes?.bytesPerVector ?? plan.dimensions * 4,
    ...(format === 'packed' && scales.length > 0 && { scales }),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
