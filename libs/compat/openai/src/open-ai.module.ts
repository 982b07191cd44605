import { Module } from '@nestjs/common';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { OpenAiModelList } from './model-list';
import { OpenAiEmbeddingsController } from './embeddings.controller';

/** OpenAI's embeddings API, so that its clients need no more than another base URL. */
@EmbedderPlugin({ name: '@sutra-embedder/compat-openai', version: '1.0.0', engine: '^1.0.0' })
@Module({ controllers: [OpenAiEmbeddingsController], providers: [OpenAiModelList] })
export class OpenAiModule {}
