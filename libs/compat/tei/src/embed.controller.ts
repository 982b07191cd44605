import { Body, Controller, Header, HttpCode, Post, Query, Res, UseFilters } from '@nestjs/common';
import {
  Call,
  InjectEmbeddingService,
  type EmbeddingService,
  type CallContext,
  type EmbedRequest,
  type EmbedResult,
} from '@sutra-embedder/engine';
import { computeHeaders } from './compute-headers';
import { toEmbedAllRequest, toEmbedRequest } from './embed-request';
import { similarities, toSimilarityRequest } from './similarity';
import { TeiErrors } from './tei-errors';
import { writeTokenVectors, writeVectors } from './write-vectors';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Of an HTTP reply, what is used here. Fastify's has it. */
interface Reply {
  headers(values: Record<string, string>): unknown;
}

@Controller()
@UseFilters(TeiErrors)
export class TeiEmbedController {
  constructor(@InjectEmbeddingService() private readonly embeddings: Pick<EmbeddingService, 'embed' | 'plan'>) {}

  @Post(['/', 'embed'])
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  async embed(
    @Body() body: unknown,
    @Query('model') model: string | undefined,
    @Call() call: CallContext,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Buffer> {
    return writeVectors(await this.run(await toEmbedRequest(body, model, this.embeddings), call, reply));
  }

  @Post('embed_all')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  async embedAll(
    @Body() body: unknown,
    @Query('model') model: string | undefined,
    @Call() call: CallContext,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Buffer> {
    return writeTokenVectors(await this.run(await toEmbedAllRequest(body, model, this.embeddings), call, reply));
  }

  @Post('similarity')
  @HttpCode(200)
  async similarity(
    @Body() body: unknown,
    @Query('model') model: string | undefined,
    @Call() call: CallContext,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<number[]> {
    return similarities(await this.run(toSimilarityRequest(body, model), call, reply));
  }

  private async run(request: EmbedRequest, { behalf, signal }: CallContext, reply: Reply): Promise<EmbedResult> {
    const result = await this.embeddings.embed({ ...request, ...behalf }, signal);
    reply.headers(computeHeaders(request.texts, result));
    return result;
  }
}
