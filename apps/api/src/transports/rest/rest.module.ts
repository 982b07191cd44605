import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { EmbeddingsController } from './embeddings.controller';
import { ErrorFilter } from './error.filter';
import { ModelsController } from './models.controller';
import { RouteTable } from './route-table';

@Module({
  controllers: [EmbeddingsController, ModelsController],
  providers: [RouteTable, { provide: APP_FILTER, useClass: ErrorFilter }],
  exports: [RouteTable],
})
export class RestModule {}
