import { Module } from '@nestjs/common';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { TeiEmbedController } from './embed.controller';
import { TeiGrpc } from './tei-grpc';
import { TeiNotHereController } from './not-here.controller';
import { TeiServiceController } from './service.controller';
import { TeiTokensController } from './tokens.controller';

/** text-embeddings-inference's API, so that its clients need no more than another base URL. */
@EmbedderPlugin({ name: '@sutra-embedder/compat-tei', version: '1.0.0', engine: '^1.0.0' })
@Module({
  controllers: [TeiEmbedController, TeiTokensController, TeiServiceController, TeiNotHereController],
  providers: [TeiGrpc],
})
export class TeiModule {}
