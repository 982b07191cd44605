import { join } from 'node:path';
import {
  AVAILABLE,
  unavailable,
  type Accelerator,
  type HardwareInventory,
  type SessionOptions,
} from '@sutra-embedder/engine';
import type { ExecutionProvider } from './execution-provider';
import type { OnnxAcceleratorBackend } from './onnx-backend';
import { OnnxCoreMlBackend } from './onnx-coreml-backend';
import { OnnxCpuBackend } from './onnx-cpu-backend';
import { OnnxCudaBackend } from './onnx-cuda-backend';
import { OnnxTensorRtBackend } from './onnx-tensorrt-backend';
import { tryProvider } from './provider-trial';

const options = (more: Partial<SessionOptions> = {}): SessionOptions => ({ sessions: 1, threads: 1, ...more });
const gpu = (vendor: string, index = 0): Accelerator => ({
  vendor,
  name: vendor,
  index,
  memoryBytes: null,
  freeMemoryBytes: null,
  utilization: null,
  driver: null,
});
const machine = (accelerators: Accelerator[], reasons = {}): HardwareInventory => ({
  platform: 'linux',
  cpu: { model: 'x', architecture: 'x64', cores: 2, hostCores: 2, instructionSets: [] },
  memory: { limitBytes: 1, hostBytes: 1 },
  accelerators,
  reasons,
});

/** A trial under the test's control. */
function withTrial<T extends OnnxAcceleratorBackend>(
  backend: T,
  result = AVAILABLE as ReturnType<typeof unavailable> | typeof AVAILABLE,
) {
  const tried: ExecutionProvider[] = [];
  Object.assign(backend, {
    attempt: (provider: ExecutionProvider) => {
      tried.push(provider);
      return Promise.resolve(result);
    },
  });
  return { backend, tried };
}

describe('session options in the terms of each execution provider', () => {
  it.each([
    [new OnnxCpuBackend(), {}, { name: 'cpu' }],
    [new OnnxCudaBackend(), {}, { name: 'cuda', deviceId: 0 }],
    [new OnnxCudaBackend(), { deviceId: 3 }, { name: 'cuda', deviceId: 3 }],
    [new OnnxTensorRtBackend(), { deviceId: 1 }, { name: 'tensorrt', deviceId: 1 }],
    [new OnnxCoreMlBackend(), {}, { name: 'coreml', coreMlFlags: 0x30 }],
    [new OnnxCoreMlBackend(), { fp16: true }, { name: 'coreml', coreMlFlags: 0x10 }],
  ])('%#', (backend, given, expected) => {
    expect((backend as OnnxCudaBackend).provider(options(given))).toEqual(expected);
  });

  it.each([
    [new OnnxCpuBackend(), {}, 0],
    [new OnnxCudaBackend(), { memoryLimitBytes: 1 }, 1],
    [new OnnxTensorRtBackend(), { memoryLimitBytes: 1, fp16: true }, 2],
    [new OnnxCoreMlBackend(), { memoryLimitBytes: 1, fp16: true }, 1],
  ])('%#: says which options cannot be honored', (backend, given, count) => {
    expect(backend.notes(options(given))).toHaveLength(count);
  });
});

describe('an accelerator backend', () => {
  it.each([
    [new OnnxCudaBackend(), 'apple', /no NVIDIA GPU was found/],
    [new OnnxTensorRtBackend(), 'amd', /no NVIDIA GPU was found/],
    [new OnnxCoreMlBackend(), 'nvidia', /no Apple GPU was found/],
  ])('%# is unavailable without its device, and tries nothing', async (given, other, reason) => {
    const { backend, tried } = withTrial(given as OnnxAcceleratorBackend);
    const found = await backend.probe(machine([gpu(other)], { nvidia: 'nvidia-smi is not installed' }));
    expect(found).toEqual({ available: false, reason: expect.stringMatching(reason) as string });
    expect((found as { reason: string }).reason).toContain('nvidia-smi is not installed');
    expect(tried).toEqual([]);
  });

  it('tries its provider on the device that is there, once', async () => {
    const { backend, tried } = withTrial(new OnnxCudaBackend());
    for (let i = 0; i < 3; i++)
      expect(await backend.probe(machine([gpu('apple'), gpu('nvidia', 2)]))).toEqual(AVAILABLE);
    expect(tried).toEqual([{ name: 'cuda', deviceId: 2 }]);
  });

  it('says what to install when the trial fails', async () => {
    const { backend } = withTrial(new OnnxCudaBackend(), unavailable('Failed to load shared library'));
    const { reason } = (await backend.probe(machine([gpu('nvidia')]))) as { reason: string };
    expect(reason).toContain('Failed to load shared library');
    expect(reason).toContain('npm rebuild onnxruntime-node');
  });
});

describe('tryProvider, in a real forked process', () => {
  const entry = join(__dirname, '../../dist/onnx/provider-trial-entry.js');
  const script = (name: string) => join(__dirname, '../../../../test/fixtures/provider-trials', name);

  it('is available where the provider runs the trial graph', async () => {
    expect(await tryProvider({ name: 'cpu' }, entry)).toEqual(AVAILABLE);
  });

  it.each([['cuda'], ['tensorrt']] as const)('%s: without its library, unavailable with the reason', async (name) => {
    const found = await tryProvider({ name, deviceId: 0 }, entry);
    expect(found).toEqual({ available: false, reason: expect.any(String) as string });
    expect((found as { reason: string }).reason).toMatch(/load|library|backend|provider/i);
  });

  it('survives a native crash', async () => {
    expect(await tryProvider({ name: 'cpu' }, script('crash.js'))).toEqual(
      unavailable('a trial run was ended by SIGSEGV'),
    );
  });

  it('gives up on a trial that hangs', async () => {
    expect(await tryProvider({ name: 'cpu' }, script('hang.js'), 200)).toEqual(
      unavailable('a trial run did not finish within 0.2 s'),
    );
  });

  it('does not take a silent end for success', async () => {
    expect(await tryProvider({ name: 'cpu' }, script('silent.js'))).toEqual(
      unavailable('a trial run ended with code 0'),
    );
  });
});
