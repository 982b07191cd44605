export { BackendsModule } from './backends.module';
export { OnnxCpuBackend } from './onnx/onnx-cpu-backend';
