import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { EmbeddingsController } from './embeddings.controller';
import { ErrorFilter } from './error.filter';
import { ModelsController } from './models.controller';
import { RouteTable } from './route-table';
import { StreamController } from './stream.controller';
import { StreamsModule } from '../streams/streams.module';

@Module({
  imports: [StreamsModule],
  controllers: [EmbeddingsController, StreamController, ModelsController],
  providers: [RouteTable, { provide: APP_FILTER, useClass: ErrorFilter }],
  exports: [RouteTable],
})
export class RestModule {}
