import { Body, Controller, Get, HttpCode, Module, Post } from '@nestjs/common';
import { EmbeddingService, EmbedderPlugin, InjectEmbeddingService } from '@sutra-embedder/engine';

const MODEL = 'all-MiniLM-L6-v2';

interface EmbedBody {
  readonly inputs: number[][];
  readonly normalize: boolean;
}

/** The other side, for tests: /info and /embed on the engine itself. Its ids come with special tokens around them. */
@Controller('remote')
class EmbedController {
  constructor(@InjectEmbeddingService() private readonly embeddings: Pick<EmbeddingService, 'embed'>) {}

  @Get('info')
  info() {
    return { model_id: `sentence-transformers/${MODEL}`, model_dtype: 'float32', max_client_batch_size: 32 };
  }

  @Post('embed')
  @HttpCode(200)
  async embed(@Body() { inputs, normalize }: EmbedBody): Promise<number[][]> {
    const texts = inputs.map((ids) => ids.slice(1, -1));
    const { items } = await this.embeddings.embed({ texts, model: MODEL, normalize, truncate: 'none' });
    return items.map(({ values }) => [...values]);
  }
}

/** A plugin too, so that a whole server can be the other side: SUTRA_PLUGINS=.../dist/test/embed-routes.js */
@EmbedderPlugin({ name: 'embed-routes', version: '1.0.0', engine: '^1.0.0' })
@Module({ controllers: [EmbedController] })
export class EmbedRoutesPlugin {}
