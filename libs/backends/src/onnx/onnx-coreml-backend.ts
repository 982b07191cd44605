import { Backend, type Accelerator, type SessionOptions } from '@sutra-embedder/engine';
import type { ExecutionProvider } from './execution-provider';
import { OnnxAcceleratorBackend } from './onnx-backend';

/** Flags of coreml_provider_factory.h. */
const CREATE_MLPROGRAM = 0x010;
const USE_CPU_AND_GPU = 0x020;

/** Apple's GPU and Neural Engine through Core ML. */
@Backend()
export class OnnxCoreMlBackend extends OnnxAcceleratorBackend {
  readonly id = 'onnx-coreml';
  readonly device = 'coreml';
  readonly priority = 50;
  protected readonly missing = 'no Apple GPU was found';
  protected readonly needs = 'Core ML needs macOS 12 or newer on Apple silicon';

  constructor() {
    super();
  }

  /** The Neural Engine computes in fp16 only; without that wish, CPU and GPU are used. */
  provider({ fp16 }: SessionOptions): ExecutionProvider {
    return { name: 'coreml', coreMlFlags: fp16 ? CREATE_MLPROGRAM : CREATE_MLPROGRAM | USE_CPU_AND_GPU };
  }

  override notes({ memoryLimitBytes }: SessionOptions): readonly string[] {
    return memoryLimitBytes === undefined ? [] : [`${this.id}: Core ML takes no memory limit`];
  }

  protected drives({ vendor }: Accelerator): boolean {
    return vendor === 'apple';
  }
}
