import { AVAILABLE, Backend, type Availability } from '@sutra-embedder/engine';
import type { ExecutionProvider } from './execution-provider';
import { OnnxBackend } from './onnx-backend';

/** ONNX Runtime's own CPU kernels. */
@Backend()
export class OnnxCpuBackend extends OnnxBackend {
  readonly id = 'onnx-cpu';
  readonly device = 'cpu';
  readonly priority = 10;

  probe(): Availability {
    return AVAILABLE;
  }

  provider(): ExecutionProvider {
    return { name: 'cpu' };
  }
}
