import { setMaxListeners } from 'node:events';
import type { ServerDuplexStream, ServerWritableStream } from '@grpc/grpc-js';
import type { ArgumentMetadata, ValidationPipe } from '@nestjs/common';
import {
  InvalidArgumentError,
  type EmbeddingService,
  type EmbeddingStream,
  type Principal,
} from '@sutra-embedder/engine';
import type { HealthService } from '../../health/health.service';
import { EmbeddingRequestDto } from '../rest/dto/embedding-request.dto';
import { ModelsQueryDto } from '../rest/dto/models-query.dto';
import { StreamingConfigDto, StreamingRequestDto } from '../rest/dto/streaming-request.dto';
import { toEmbedRequest } from '../rest/embed-request';
import { residentBytes } from '../rest/memory-usage';
import type { ModelsController } from '../rest/models.controller';
import { chunkIdOf } from '../rest/stream-records';
import { ChunkDto } from '../streams/chunk.dto';
import type { OpenStreams } from '../streams/open-streams';
import { checkFormat, toStreamSettings, type StreamOwner, type StreamSettings } from '../streams/stream-settings';
import { chunkAnswer, embeddingAnswer, healthAnswer, summaryAnswer } from './answers';
import { ChunkIntake } from './chunk-intake';
import type { CallFrame } from './call-frame';
import { CallHandling, requestIdMetadata, written, type HandlingServices, type StreamCall } from './call-handling';
import type { WithVectors } from './protocol';
import {
  embeddingBody,
  streamingBody,
  streamingConfigBody,
  type EmbedChunkMessage,
  type EmbeddingRequestMessage,
  type ModelsQueryMessage,
  type StreamingRequestMessage,
} from './messages';

/** What the calls are answered with. */
export interface CallServices extends HandlingServices {
  readonly embeddings: EmbeddingService;
  readonly streams: OpenStreams;
  readonly models: ModelsController;
  readonly health: HealthService;
  readonly validation: ValidationPipe;
}

/** The methods of EmbedderService: message in, engine call, message out. */
export class EmbedderCalls extends CallHandling<CallServices> {
  readonly GenerateEmbeddings = this.unary<EmbeddingRequestMessage>(
    'GenerateEmbeddings',
    'embedding.read',
    async (message, { requestId, signal, call, caller }, principal) => {
      const body = await this.validated(EmbeddingRequestDto, embeddingBody(message));
      const { request, notes } = toEmbedRequest(body, principal);
      const format = body.encoding_format ?? 'float';
      if (format === 'packed') checkFormat(format, (await this.services.embeddings.plan(request)).quantization);
      const result = await this.services.embeddings.embed({ ...request, observer: call, gate: caller }, signal);
      return embeddingAnswer(result, {
        requestId,
        format,
        notes,
        now: new Date(),
        memoryBytes: residentBytes(),
      });
    },
  );

  readonly ListModels = this.unary<ModelsQueryMessage>('ListModels', 'embedding.read', async (message) =>
    this.services.models.list(await this.validated(ModelsQueryDto, message)),
  );

  readonly DownloadModel = this.unary<{ model_id?: string }>('DownloadModel', 'embedding.write', ({ model_id = '' }) =>
    this.services.models.download({ model_id }),
  );

  readonly GetHealth = this.unary<object>('GetHealth', 'public', async () =>
    healthAnswer(await this.services.health.check()),
  );

  readonly StreamEmbeddings = this.streaming<ServerWritableStream<StreamingRequestMessage, WithVectors>>(
    'StreamEmbeddings',
    async (call, frame, principal) => {
      const body = await this.validated(StreamingRequestDto, streamingBody(call.request));
      const settings = toStreamSettings(body.config, body.model, ownerOf(frame, principal));
      const stream = await this.open(settings, frame);
      // A cancelled stream is reported by its reader.
      stream.feed(body.texts).catch(() => undefined);
      await this.send(call, stream, settings, frame);
    },
  );

  readonly EmbedStream = this.streaming<ServerDuplexStream<EmbedChunkMessage, WithVectors>>(
    'EmbedStream',
    async (call, frame, principal) => {
      const chunks = call.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<EmbedChunkMessage>;
      const { value: first, done } = await chunks.next();
      if (done) throw new InvalidArgumentError('The stream ended before its first chunk', { field: 'text' });
      const config = await this.validated(StreamingConfigDto, streamingConfigBody(first.config ?? {}));
      const settings = toStreamSettings(config, undefined, ownerOf(frame, principal));
      const intake = new ChunkIntake((chunk) => this.validated(ChunkDto, chunk));
      const stream = await this.open(settings, frame, () => intake.stop());
      // What is wrong with a chunk ends the stream, and its reader hears of it.
      intake.take(first, chunks, stream).catch((error: Error) => this.services.streams.close(stream, error));
      await this.send(call, stream, settings, frame, intake);
    },
  );

  private async open(settings: StreamSettings, { signal }: CallFrame, stop?: () => void): Promise<EmbeddingStream> {
    const { streams } = this.services;
    const stream = await streams.openStream('grpc', settings, () => {
      if (!stop) return;
      stop();
      stream.end();
    });
    // Each of its texts may listen while it waits.
    setMaxListeners(0, signal);
    const close = () => streams.close(stream, signal.reason as Error);
    if (signal.aborted) close();
    else signal.addEventListener('abort', close);
    return stream;
  }

  /** Writes vectors as the caller takes them, until all are out. */
  private async send(
    call: StreamCall<WithVectors>,
    stream: EmbeddingStream,
    { format }: StreamSettings,
    frame: CallFrame,
    intake?: ChunkIntake,
  ): Promise<void> {
    const { requestId, signal } = frame;
    try {
      call.sendMetadata(requestIdMetadata(requestId));
      for (let outcome = await stream.next(); outcome; outcome = await stream.next()) {
        if (outcome.error) throw outcome.error;
        const { index } = outcome;
        const label = intake?.labelOf(index) ?? { chunkId: chunkIdOf(index), position: index };
        await written(call, chunkAnswer(outcome, label, format, new Date()), signal);
        stream.release();
      }
      intake?.checkComplete();
      const trailer = requestIdMetadata(requestId);
      trailer.set('sutra-summary-bin', this.protocol.encode('sutra.embedder.v1.StreamSummary', summaryAnswer(stream)));
      call.end(trailer);
    } finally {
      frame.answered();
      this.services.streams.close(stream);
    }
  }

  private async validated<Dto extends object>(metatype: new () => Dto, value: object): Promise<Dto> {
    const metadata: ArgumentMetadata = { type: 'body', metatype };
    return (await this.services.validation.transform(value, metadata)) as Dto;
  }
}

function ownerOf({ call, caller }: CallFrame, principal: Principal | undefined): StreamOwner {
  return { principal, observer: call, gate: caller };
}
