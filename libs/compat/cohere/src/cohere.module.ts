import { Module } from '@nestjs/common';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { CohereController } from './cohere.controller';

/** Cohere's embed API, so that its clients need no more than another base URL. */
@EmbedderPlugin({ name: '@sutra-embedder/compat-cohere', version: '1.0.0', engine: '^1.0.0' })
@Module({ controllers: [CohereController] })
export class CohereModule {}
