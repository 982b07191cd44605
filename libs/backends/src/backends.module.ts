import { Module } from '@nestjs/common';
import { EmbedderPlugin } from '@sutra-embedder/engine';
import { OnnxCoreMlBackend } from './onnx/onnx-coreml-backend';
import { OnnxCpuBackend } from './onnx/onnx-cpu-backend';
import { OnnxCudaBackend } from './onnx/onnx-cuda-backend';
import { OnnxTensorRtBackend } from './onnx/onnx-tensorrt-backend';
import { StaticBackend } from './static/static-backend';

@EmbedderPlugin({ name: '@sutra-embedder/backends', version: '1.0.0', engine: '^1.0.0' })
@Module({ providers: [OnnxCpuBackend, OnnxCudaBackend, OnnxTensorRtBackend, OnnxCoreMlBackend, StaticBackend] })
export class BackendsModule {}
