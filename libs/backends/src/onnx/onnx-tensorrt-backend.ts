import { Backend, type Accelerator, type SessionOptions } from '@sutra-embedder/engine';
import type { ExecutionProvider } from './execution-provider';
import { OnnxAcceleratorBackend } from './onnx-backend';
import { NVIDIA_NEEDS } from './onnx-cuda-backend';

/** NVIDIA GPUs through TensorRT, for the profile that is made for it: building its engines takes minutes. */
@Backend()
export class OnnxTensorRtBackend extends OnnxAcceleratorBackend {
  readonly id = 'onnx-tensorrt';
  readonly device = 'tensorrt';
  readonly priority = 60;
  readonly profiles = ['h100'] as const;
  protected readonly missing = 'no NVIDIA GPU was found';
  protected readonly needs = `${NVIDIA_NEEDS} and TensorRT 10`;

  constructor() {
    super();
  }

  provider({ deviceId = 0 }: SessionOptions): ExecutionProvider {
    return { name: 'tensorrt', deviceId };
  }

  protected drives({ vendor }: Accelerator): boolean {
    return vendor === 'nvidia';
  }
}
