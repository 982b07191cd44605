import { Module } from '@nestjs/common';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { BinaryProcessor } from './binary';
import { IsometryProcessor } from './expansion/isometry-processor';
import { Int4Processor } from './int4';
import { Int8Processor } from './int8';
import { CutProcessor } from './reduction/cut-processor';
import { PcaProcessor } from './reduction/pca-processor';

/** Brings the first-party vector processors to an engine. */
@EmbedderPlugin({ name: '@sutra-embedder/quantization', version: '1.0.0', engine: '^1.0.0' })
@Module({
  providers: [PcaProcessor, CutProcessor, IsometryProcessor, Int8Processor, Int4Processor, BinaryProcessor],
})
export class QuantizationModule {}
