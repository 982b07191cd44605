import { Module } from '@nestjs/common';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { ElasticsearchController } from './elasticsearch.controller';
import { WeaviateController } from './weaviate.controller';

/** APIs that are not spoken here: a sentence with what to use instead, rather than a path that is not found. */
@EmbedderPlugin({ name: '@sutra-embedder/compat-declined', version: '1.0.0', engine: '^1.0.0' })
@Module({ controllers: [WeaviateController, ElasticsearchController] })
export class DeclinedModule {}
