import { Module } from '@nestjs/common';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { JinaController } from './jina.controller';

/** Jina AI's embeddings API, so that its clients need no more than another base URL. */
@EmbedderPlugin({ name: '@sutra-embedder/compat-jina', version: '1.0.0', engine: '^1.0.0' })
@Module({ controllers: [JinaController] })
export class JinaModule {}
