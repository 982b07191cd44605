import { Module } from '@nestjs/common';
import { StreamsModule } from '../streams/streams.module';
import { WsServer } from './ws-server';

@Module({ imports: [StreamsModule], providers: [WsServer], exports: [WsServer] })
export class WsModule {}
