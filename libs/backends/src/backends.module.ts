import { Module } from '@nestjs/common';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { OnnxCpuBackend } from './onnx/onnx-cpu-backend';

@EmbedderPlugin({ name: '@sutra-embedder/backends', version: '1.0.0', engine: '^1.0.0' })
@Module({ providers: [OnnxCpuBackend] })
export class BackendsModule {}
