import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Caller, callerGone, EmbeddingService, RequireScope, type Principal } from '@sutra-embedder/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { gateOf, PASSES_GATE } from '../../limits/gate-of';
import { callOf } from '../../telemetry/rest-calls';
import { EmbeddingRequestDto } from './dto/embedding-request.dto';
import { toEmbedRequest } from './embed-request';
import { nothingToPack, writeResponse } from './embedding-response';
import { residentBytes } from './memory-usage';

@Controller('v1/embeddings')
export class EmbeddingsController {
  constructor(private readonly embeddings: EmbeddingService) {}

  @Post()
  @HttpCode(200)
  @RequireScope('embedding.read')
  @RouteConfig(PASSES_GATE)
  async create(
    @Body() body: EmbeddingRequestDto,
    @Caller() principal: Principal | undefined,
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const { request, notes } = toEmbedRequest(body, principal);
    const format = body.encoding_format ?? 'float';
    if (format === 'packed' && (await this.embeddings.plan(request)).quantization === 'none') throw nothingToPack();
    const call = callOf(http);
    const result = await this.embeddings.embed({ ...request, observer: call, gate: gateOf(http) }, callerGone(reply));
    const encoding = performance.now();
    void reply.header('content-type', 'application/json; charset=utf-8');
    const bytes = await writeResponse(result, {
      requestId: http.id,
      format,
      notes,
      now: new Date(),
      memoryBytes: residentBytes(),
    });
    call?.stage('encode', encoding, performance.now());
    return bytes;
  }
}
