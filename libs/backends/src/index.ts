export { BackendsModule } from './backends.module';
export { OnnxAcceleratorBackend, OnnxBackend } from './onnx/onnx-backend';
export { OnnxCoreMlBackend } from './onnx/onnx-coreml-backend';
export { OnnxCpuBackend } from './onnx/onnx-cpu-backend';
export { OnnxCudaBackend } from './onnx/onnx-cuda-backend';
export { OnnxTensorRtBackend } from './onnx/onnx-tensorrt-backend';
export { tryProvider } from './onnx/provider-trial';
export { StaticBackend } from './static/static-backend';
