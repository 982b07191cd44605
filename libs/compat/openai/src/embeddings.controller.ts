import { Body, Controller, Header, HttpCode, Post, UseFilters } from '@nestjs/common';
import {
  Call,
  ClaimRoute,
  InjectEmbeddingService,
  RequireScope,
  type CallContext,
  type EmbeddingService,
} from '@sutra-embedder/engine';
import { writeEmbeddings } from './embeddings-response';
import { toEmbedRequest } from './embeddings-request';
import { isOpenAi } from './is-open-ai';
import { OpenAiErrors } from './open-ai-errors';

/** POST /v1/embeddings with OpenAI's body, and the same under a path where no other body is possible. */
@Controller('openai/v1/embeddings')
@UseFilters(OpenAiErrors)
export class OpenAiEmbeddingsController {
  constructor(@InjectEmbeddingService() private readonly embeddings: Pick<EmbeddingService, 'embed' | 'plan'>) {}

  @Post()
  @HttpCode(200)
  @Header('content-type', 'application/json; charset=utf-8')
  @RequireScope('embedding.read')
  @ClaimRoute({ method: 'POST', path: '/v1/embeddings', when: isOpenAi })
  async create(@Body() body: unknown, @Call() { behalf, signal }: CallContext): Promise<Buffer> {
    const { request, format } = await toEmbedRequest(body, this.embeddings);
    return writeEmbeddings(await this.embeddings.embed({ ...request, ...behalf }, signal), format);
  }
}
