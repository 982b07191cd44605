import { Controller, Post } from '@nestjs/common';
import { UnimplementedError } from '@sutra-embedder/engine';

/** What Weaviate's text2vec-transformers module calls on its inference container. */
@Controller('vectors')
export class WeaviateController {
  @Post()
  vectors(): never {
    throw new UnimplementedError(
      "This server is no inference container of text2vec-transformers; use Weaviate's module text2vec-openai with baseURL set to this server",
    );
  }
}
