import { Module } from '@nestjs/common';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { Int8Processor } from './int8';

/** Brings the first-party vector processors to an engine. */
@EmbedderPlugin({ name: '@sutra-embedder/quantization', version: '1.0.0', engine: '^1.0.0' })
@Module({ providers: [Int8Processor] })
export class QuantizationModule {}
