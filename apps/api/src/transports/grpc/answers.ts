import type { EmbeddedText, EmbedResult, EmbeddingStream, StreamOutcome } from '@sutra-embedder/engine';
import type { EncodingFormat } from '../rest/dto/embedding-request.dto';
import type { HealthResponseDto } from '../rest/dto/responses.dto';
import { describeResult, type ResponseContext } from '../rest/embedding-response';
import { enumValue } from './messages';
import type { WithVectors } from './protocol';
import { bytesOf, type WireVector } from './vector-bytes';

export function embeddingAnswer(result: EmbedResult, context: ResponseContext): WithVectors {
  const { metadata, ...rest } = describeResult(result, context);
  return {
    vectors: result.items.map((item) => wireVector(item, context.format)),
    rest: {
      ...rest,
      metadata: {
        ...metadata,
        timestamp: timestamp(context.now),
        encoding_format: enumValue(context.format, 'ENCODING_FORMAT_'),
      },
    },
  };
}

export function chunkAnswer(
  { index, item, plan }: Extract<StreamOutcome, { item: EmbeddedText }>,
  { chunkId, position }: { readonly chunkId: string; readonly position: number },
  format: EncodingFormat,
  now: Date,
): WithVectors {
  return {
    vectors: [wireVector(item, format)],
    rest: {
      chunk_id: chunkId,
      index,
      metadata: {
        latency_ms: item.latencyMs,
        timestamp: timestamp(now),
        sequence_position: position,
        model_used: plan.model.id,
        tokens: item.tokens,
        truncated: item.truncated,
      },
    },
  };
}

export function summaryAnswer(stream: EmbeddingStream): object {
  const { chunks, tokens, truncated, averageLatencyMs, durationMs } = stream.summary();
  return {
    chunks,
    tokens,
    model_used: stream.plan.model.id,
    dimensions: stream.plan.dimensions,
    truncated,
    average_latency_ms: averageLatencyMs,
    duration_ms: durationMs,
    notes: stream.plan.notes,
  };
}

export function healthAnswer(health: HealthResponseDto): object {
  return {
    ...health,
    status: enumValue(health.status, 'HEALTH_STATUS_'),
    timestamp: timestamp(new Date(health.timestamp)),
  };
}

function wireVector({ values, codes }: EmbeddedText, format: EncodingFormat): WireVector {
  if (format === 'float') return { values };
  if (format === 'base64') return { packed: bytesOf(values) };
  return { packed: codes?.bytes, scale: codes?.scales?.[0] };
}

/** google.protobuf.Timestamp. */
function timestamp(at: Date): { seconds: number; nanos: number } {
  const ms = at.getTime();
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 };
}
