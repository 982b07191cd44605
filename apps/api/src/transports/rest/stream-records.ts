import { writeJson, type EmbeddedText, type EmbeddingStream, type StreamOutcome } from '@sutra-embedder/engine';
import type { EncodingFormat } from './dto/embedding-request.dto';
import type { StreamingMetadataDto, StreamSummaryDto } from './dto/responses.dto';
import { vectorPart } from './embedding-response';

/** The id of a text that was not given one. */
export function chunkIdOf(index: number): string {
  return `chunk_${String(index).padStart(3, '0')}`;
}

/** One vector of a stream as JSON bytes, between what its form puts around a record. */
export function writeChunk(
  { index, item, plan }: Extract<StreamOutcome, { item: EmbeddedText }>,
  format: EncodingFormat,
  now: Date,
  around: { readonly before: string; readonly after: string },
): Buffer {
  const metadata: StreamingMetadataDto = {
    latency_ms: round(item.latencyMs),
    timestamp: now.toISOString(),
    model_used: plan.model.id,
    tokens: item.tokens,
    truncated: item.truncated,
    ...(format === 'packed' && item.codes?.scales && { scale: item.codes.scales[0] }),
  };
  const head = `${around.before}{"chunk_id":"${chunkIdOf(index)}","index":${index},"embedding":`;
  const tail = `,"metadata":${JSON.stringify(metadata)}}${around.after}`;
  return writeJson([head, vectorPart(item, format), tail]);
}

/** What holds for the whole stream. */
export function summaryOf(stream: EmbeddingStream, requestId: string): StreamSummaryDto {
  const { chunks, tokens, truncated, averageLatencyMs, durationMs } = stream.summary();
  const { plan } = stream;
  return {
    request_id: requestId,
    chunks,
    usage: { tokens },
    model_used: plan.model.id,
    dimensions: plan.dimensions,
    hardware_profile: plan.profile,
    backend: plan.backend,
    precision: plan.artifact.precision,
    dimension_strategy: plan.dimensionStrategy,
    quantization: { scheme: plan.quantization },
    truncated: [...truncated],
    average_latency_ms: round(averageLatencyMs),
    duration_ms: round(durationMs),
    notes: [...plan.notes],
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
