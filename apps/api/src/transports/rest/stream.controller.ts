import { Readable } from 'node:stream';
import { Body, Controller, HttpCode, Logger, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Caller, callerGone, RequireScope, type Principal } from '@sutra-embedder/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Configuration } from '../../config/configuration';
import { InjectConfiguration } from '../../config/configuration.token';
import { OpenStreams } from '../streams/open-streams';
import { toEngineError } from '../streams/to-engine-error';
import { toStreamSettings } from '../streams/stream-settings';
import { gateOf, PASSES_GATE } from '../../limits/gate-of';
import { callOf } from '../../telemetry/rest-calls';
import { preferredForm } from './accept';
import { StreamingRequestDto } from './dto/streaming-request.dto';
import { CONTENT_TYPES, streamBody } from './stream-body';

@Controller('v1/embeddings/stream')
export class StreamController {
  private readonly logger = new Logger(StreamController.name);

  constructor(
    private readonly streams: OpenStreams,
    @InjectConfiguration() private readonly configuration: Configuration,
  ) {}

  @Post()
  @HttpCode(200)
  @RequireScope('embedding.read')
  @RouteConfig(PASSES_GATE)
  async create(
    @Body() body: StreamingRequestDto,
    @Caller() principal: Principal | undefined,
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const owner = { principal, observer: callOf(http), gate: gateOf(http) };
    const settings = toStreamSettings(body.config, body.model, owner);
    const gone = callerGone(reply);
    const stream = await this.streams.openStream('rest', settings);
    const close = () => this.streams.close(stream);
    try {
      gone.addEventListener('abort', close);
      if (gone.aborted) close();
      // A cancelled stream is reported by its reader.
      stream.feed(body.texts).catch(() => undefined);
      // Until the first vector is there, an error still has a status of its own.
      const first = await stream.next();
      if (first?.error) throw first.error;
      const form = preferredForm(http.headers.accept);
      void reply.headers({
        'content-type': CONTENT_TYPES[form],
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const bytes = streamBody(stream, first, {
        form,
        format: settings.format,
        requestId: http.id,
        heartbeatMs: this.configuration.heartbeatMs,
        onError: (error) => this.log(http, error),
      });
      return Readable.from(bytes, { objectMode: false, highWaterMark: 1 }).once('close', close);
    } catch (error) {
      close();
      throw error;
    }
  }

  private log(request: FastifyRequest, thrown: unknown): void {
    const error = toEngineError(thrown);
    callOf(request)?.failed(error);
    if (error.code !== 'INTERNAL') return;
    const { message, stack } = thrown as Error;
    this.logger.error({ requestId: request.id, message }, stack);
  }
}
