import {
  Base64,
  InvalidArgumentError,
  writeJsonInTurns,
  type EmbeddedText,
  type EmbedResult,
  type JsonPart,
} from '@sutra-embedder/engine';
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

/** The whole answer as JSON bytes. */
export function writeResponse(result: EmbedResult, context: ResponseContext): Promise<Buffer> {
  return writeJsonInTurns(partsOf(result, context));
}

function* partsOf(result: EmbedResult, context: ResponseContext): Iterable<JsonPart> {
  for (const item of result.items) {
    yield item.index === 0 ? '{"embeddings":[' : ',';
    yield vectorPart(item, context.format);
  }
  yield `],${JSON.stringify(describeResult(result, context)).slice(1)}`;
}

/** A vector as a request wants it. */
export function vectorPart(item: EmbeddedText, format: EncodingFormat): JsonPart {
  return format === 'float' ? item.values : new Base64(coded(item, format));
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
