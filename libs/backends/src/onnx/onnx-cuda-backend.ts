import { Backend, type Accelerator, type SessionOptions } from '@sutra-embedder/engine';
import type { ExecutionProvider } from './execution-provider';
import { OnnxAcceleratorBackend } from './onnx-backend';

/** What both NVIDIA providers need: neither library is in the npm package. */
export const NVIDIA_NEEDS =
  'run "npm rebuild onnxruntime-node --ignore-scripts=false" to fetch the provider library, and install CUDA 12 with cuDNN 9';

/** NVIDIA GPUs through CUDA. */
@Backend()
export class OnnxCudaBackend extends OnnxAcceleratorBackend {
  readonly id = 'onnx-cuda';
  readonly device = 'cuda';
  readonly priority = 50;
  protected readonly missing = 'no NVIDIA GPU was found';
  protected readonly needs = NVIDIA_NEEDS;

  constructor() {
    super();
  }

  provider({ deviceId = 0 }: SessionOptions): ExecutionProvider {
    return { name: 'cuda', deviceId };
  }

  protected drives({ vendor }: Accelerator): boolean {
    return vendor === 'nvidia';
  }
}
