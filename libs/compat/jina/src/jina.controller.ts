import { Body, Controller, Header, HttpCode, Post, UseFilters } from '@nestjs/common';
import {
  Call,
  ClaimRoute,
  InjectEmbeddingService,
  RequireScope,
  type CallContext,
  type EmbeddingService,
} from '@sutra-embedder/engine';
import { embedLate } from './embed-late';
import { writeEmbeddings } from './embeddings-response';
import { isJina } from './is-jina';
import { JinaErrors } from './jina-errors';
import { toJinaRequest } from './jina-request';

/** POST /v1/embeddings with a body that only Jina's clients send, and any of theirs under a path of its own. */
@Controller('jina/v1/embeddings')
@UseFilters(JinaErrors)
export class JinaController {
  constructor(@InjectEmbeddingService() private readonly embeddings: Pick<EmbeddingService, 'embed' | 'plan'>) {}

  @Post()
  @HttpCode(200)
  @Header('content-type', 'application/json; charset=utf-8')
  @RequireScope('embedding.read')
  @ClaimRoute({ method: 'POST', path: '/v1/embeddings', priority: 10, when: isJina })
  async create(@Body() body: unknown, @Call() { behalf, signal }: CallContext): Promise<Buffer> {
    const { request, type, late } = toJinaRequest(body);
    const asked = { ...request, ...behalf };
    const embedded = await (late
      ? embedLate(asked, this.embeddings, signal)
      : this.embeddings.embed(asked, signal).then(({ items, ...rest }) => ({
          ...rest,
          vectors: items.map(({ values }) => values),
        })));
    return writeEmbeddings(embedded, type, request, this.embeddings);
  }
}
