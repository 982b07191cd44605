import { Body, Controller, Header, HttpCode, Post, Req, UseFilters } from '@nestjs/common';
import { Call, InjectEmbeddingService, type CallContext, type EmbeddingService } from '@sutra-embedder/engine';
import { CohereErrors } from './cohere-errors';
import { writerOf, type VectorWriter } from './coded-types';
import { readV1, readV2, type EmbedBody, type EmbeddingType } from './embed-body';
import { toEmbedRequest } from './embed-request';
import { writeReply } from './embed-response';

const JSON_TYPE = 'application/json; charset=utf-8';

@Controller()
@UseFilters(CohereErrors)
export class CohereController {
  constructor(@InjectEmbeddingService() private readonly embeddings: Pick<EmbeddingService, 'embed' | 'plan'>) {}

  @Post('v2/embed')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  embed(@Body() body: unknown, @Req() { id }: { id: string }, @Call() call: CallContext): Promise<Buffer> {
    return this.answer('2', readV2(body), id, call);
  }

  /** What `cohere.Client` still sends. */
  @Post('v1/embed')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  embedV1(@Body() body: unknown, @Req() { id }: { id: string }, @Call() call: CallContext): Promise<Buffer> {
    return this.answer('1', readV1(body), id, call);
  }

  private async answer(
    version: '1' | '2',
    body: EmbedBody,
    id: string,
    { behalf, signal }: CallContext,
  ): Promise<Buffer> {
    const request = await toEmbedRequest(body, this.embeddings);
    const writers = body.types && new Map<EmbeddingType, VectorWriter>();
    for (const type of body.types ?? []) writers?.set(type, await writerOf(type, request, this.embeddings));
    return writeReply(await this.embeddings.embed({ ...request, ...behalf }, signal), { id, version, body, writers });
  }
}
