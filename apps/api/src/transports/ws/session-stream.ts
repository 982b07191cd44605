import {
  InvalidArgumentError,
  writeJson,
  type EmbeddedText,
  type EmbeddingStream,
  type StreamOutcome,
} from '@sutra-embedder/engine';
import { vectorPart } from '../rest/embedding-response';
import type { Call } from '../../telemetry/call';
import type { StreamSettings } from '../streams/stream-settings';
import type { AddChunkDto, StreamMetadataDto } from './payloads.dto';
import { aroundEmbedding } from './protocol';
import { RecentIds } from './recent-ids';

/** A chunk_id is new if it is none of the last so many of its stream. */
const REMEMBERED_IDS = 1000;

/** What is known of a chunk until it is answered. */
interface Label {
  readonly chunkId: string;
  readonly position: number;
  /** Of the message that brought it. */
  readonly messageId: string;
  readonly isFinal: boolean;
}

/** The stream of a session, with the names its client gave the texts. */
export class SessionStream {
  private readonly labels = new Map<number, Label>();
  private readonly ids = new RecentIds(REMEMBERED_IDS);
  /** Chunks that were refused for now. The stream stays open until they are sent again. */
  private readonly owed = new Set<string>();
  private complete = false;
  private stopped = false;

  constructor(
    readonly stream: EmbeddingStream,
    readonly settings: StreamSettings,
    /** Id of the message that opened it. */
    readonly messageId: string,
    readonly metadata: StreamMetadataDto,
    /** What follows it. */
    readonly call: Call | undefined,
  ) {}

  knows(chunkId: string): boolean {
    return this.ids.has(chunkId);
  }

  /** @throws BufferFullError; then the chunk was not taken and its id is free */
  add({ chunk_id, text, position, is_final = false }: AddChunkDto, messageId: string): void {
    if (this.complete && !this.owed.has(chunk_id))
      throw new InvalidArgumentError('The stream has had its final chunk and takes no more', { field: 'action' });
    const index = this.stream.add(text);
    this.ids.add(chunk_id);
    this.owed.delete(chunk_id);
    this.labels.set(index, { chunkId: chunk_id, position: position ?? index, messageId, isFinal: is_final });
    this.complete ||= is_final;
    if (this.complete && this.owed.size === 0) this.stream.end();
  }

  /** A chunk was refused and may be sent again: its id is free, and the stream waits for it. */
  putBack({ chunkId, isFinal }: Label): void {
    this.ids.delete(chunkId);
    if (this.stopped) return;
    this.owed.add(chunkId);
    if (isFinal) this.complete = false;
    this.stream.reopen();
  }

  /** Takes no more chunks. */
  stop(): void {
    this.stopped = true;
    this.stream.end();
  }

  /** Hands out a chunk's label, once. */
  labelOf(index: number): Label {
    const label = this.labels.get(index) as Label;
    this.labels.delete(index);
    return label;
  }

  write({ item, plan }: Extract<StreamOutcome, { item: EmbeddedText }>, label: Label, now: Date): Buffer {
    const { format } = this.settings;
    const metadata = {
      latency_ms: round(item.latencyMs),
      sequence_position: label.position,
      model_used: plan.model.id,
      ...(plan.model.qualityScore !== null && { quality_score: plan.model.qualityScore }),
      tokens: item.tokens,
      truncated: item.truncated,
      ...(format === 'packed' && item.codes?.scales && { scale: item.codes.scales[0] }),
    };
    const [head, tail] = aroundEmbedding(label.messageId, label.chunkId, metadata, now);
    return writeJson([head, vectorPart(item, format), tail]);
  }

  started(): object {
    const { plan, bufferSize } = this.stream;
    const { request, format } = this.settings;
    return {
      action: 'stream_embed',
      status: 'started',
      config: {
        dimensions: plan.dimensions,
        buffer_size: bufferSize,
        max_latency_ms: request.maxLatencyMs,
        model: plan.model.id,
        quantization: plan.quantization,
        encoding_format: format,
      },
      notes: plan.notes,
    };
  }

  completed(): object {
    const { chunks, failed, tokens, averageLatencyMs, durationMs } = this.stream.summary();
    const { plan } = this.stream;
    return {
      action: 'stream_embed',
      status: 'completed',
      summary: {
        chunks_processed: chunks,
        chunks_failed: failed,
        tokens,
        average_latency_ms: round(averageLatencyMs),
        duration_ms: round(durationMs),
        model_used: plan.model.id,
        dimensions: plan.dimensions,
        backend: plan.backend,
        precision: plan.artifact.precision,
        notes: plan.notes,
        ...(this.metadata.user_id !== undefined && { user_id: this.metadata.user_id }),
      },
    };
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
