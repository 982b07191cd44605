import { Body, Controller, Header, HttpCode, Post, UseFilters } from '@nestjs/common';
import {
  Call,
  InjectEmbeddingService,
  writeJson,
  writeJsonInTurns,
  type CallContext,
  type EmbeddingService,
  type EmbedResult,
  type JsonPart,
} from '@sutra-embedder/engine';
import { readEmbed, readEmbeddings, type EmbedBody } from './embed-body';
import { OllamaErrors } from './ollama-errors';

const JSON_TYPE = 'application/json; charset=utf-8';

@Controller('api')
@UseFilters(OllamaErrors)
export class OllamaEmbedController {
  constructor(@InjectEmbeddingService() private readonly embeddings: Pick<EmbeddingService, 'embed' | 'plan'>) {}

  @Post('embed')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  async embed(@Body() body: unknown, @Call() { behalf, signal }: CallContext): Promise<Buffer> {
    const read = readEmbed(body);
    if (read.request.texts.length === 0) return this.nothing(read, { model: read.model, embeddings: [] });
    return writeJsonInTurns(partsOf(read, await this.embeddings.embed({ ...read.request, ...behalf }, signal)));
  }

  /** What /api/embed was before it took several texts. */
  @Post('embeddings')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  async embeddingOfPrompt(@Body() body: unknown, @Call() { behalf, signal }: CallContext): Promise<Buffer> {
    const read = readEmbeddings(body);
    if (read.request.texts.length === 0) return this.nothing(read, { embedding: [] });
    const { items } = await this.embeddings.embed({ ...read.request, ...behalf }, signal);
    return writeJson(['{"embedding":', items[0]?.values ?? '[]', '}']);
  }

  /** A request without texts is answered with as many vectors; its model must be there all the same. */
  private async nothing({ request }: EmbedBody, answer: object): Promise<Buffer> {
    await this.embeddings.plan(request);
    return writeJson([JSON.stringify(answer)]);
  }
}

function* partsOf({ model, notes }: EmbedBody, { items, tokens, timings, plan }: EmbedResult): Iterable<JsonPart> {
  yield `{"model":${JSON.stringify(model)},"embeddings":`;
  for (const { index, values } of items) {
    yield index === 0 ? '[' : ',';
    yield values;
  }
  const all = [...plan.notes, ...notes];
  const rest = {
    total_duration: nanoseconds(timings.totalMs),
    load_duration: 0,
    prompt_eval_count: tokens,
    ...(all.length > 0 && { notes: all }),
  };
  yield `],${JSON.stringify(rest).slice(1)}`;
}

function nanoseconds(ms: number): number {
  return Math.round(ms * 1e6);
}
