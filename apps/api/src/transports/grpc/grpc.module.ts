import { Module } from '@nestjs/common';
import { HealthModule } from '../../health/health.module';
import { StreamsModule } from '../streams/streams.module';
import { GrpcServer } from './grpc-server';

@Module({ imports: [HealthModule, StreamsModule], providers: [GrpcServer], exports: [GrpcServer] })
export class GrpcModule {}
