import {
  type Accelerator,
  type Candidate,
  type HardwareInventory,
  HARDWARE_PROFILES,
  HARDWARE_TIERS,
  type RankedChoice,
} from '@sutra-embedder/engine';
import fc from 'fast-check';

import { select } from './select';

const GIB = 2 ** 30;

function machine(
  cpu: { architecture?: string; cores: number; hostCores?: number; instructionSets?: string[] },
  gib: number,
  rest: { accelerators?: Accelerator[]; reasons?: Record<string, string>; platform?: string } = {},
): HardwareInventory {
  const { architecture = 'x64', cores, hostCores = cores, instructionSets = ['avx2', 'avx512_vnni'] } = cpu;
  return {
    platform: rest.platform ?? 'linux',
    cpu: { model: 'test', architecture, cores, hostCores, instructionSets },
    memory: { limitBytes: gib * GIB, hostBytes: Math.max(gib, 1) * GIB },
    accelerators: rest.accelerators ?? [],
    reasons: rest.reasons ?? {},
  };
}

const gpu = (name: string, gib: number, freeGib: number, utilization: number, more: Partial<Accelerator> = {}) => ({
  vendor: 'nvidia',
  name,
  index: 0,
  memoryBytes: gib * GIB,
  freeMemoryBytes: freeGib * GIB,
  utilization,
  driver: '550.90.07',
  computeCapability: 8.6,
  ...more,
});
const METAL: Accelerator = {
  vendor: 'apple',
  name: 'Apple M2 GPU and Neural Engine',
  index: 0,
  memoryBytes: 16 * GIB,
  freeMemoryBytes: null,
  utilization: null,
  driver: null,
};

const PI_4 = machine({ architecture: 'arm64', cores: 4, instructionSets: ['fp', 'asimd'] }, 3.7);
const PI_5 = machine({ architecture: 'arm64', cores: 4, instructionSets: ['fp', 'asimd', 'asimddp'] }, 3.9);
const CONTAINER = machine({ cores: 2, hostCores: 64 }, 4);
const TINY_CONTAINER = machine({ cores: 2, hostCores: 64 }, 0.5);
const OLD_SERVER = machine({ cores: 16, instructionSets: ['avx2'] }, 64);
const LAPTOP = machine({ architecture: 'arm64', cores: 8, instructionSets: ['asimddp', 'i8mm'] }, 16, {
  platform: 'darwin',
  accelerators: [METAL],
});
const DESKTOP = machine({ cores: 16 }, 32, { accelerators: [gpu('NVIDIA RTX 3060', 12, 11, 0.03)] });
const SERVER = machine({ cores: 32 }, 64, {
  reasons: { nvidia: 'No NVIDIA device was found: nvidia-smi is not installed and the PCI bus shows none.' },
});
const H100 = machine({ cores: 104, instructionSets: ['avx512_vnni', 'amx_int8'] }, 1800, {
  accelerators: [gpu('NVIDIA H100 80GB HBM3', 80, 79, 0, { computeCapability: 9 })],
});
const NO_DRIVER = machine({ cores: 16 }, 32, {
  reasons: { nvidia: 'The NVIDIA driver is not running: load its kernel module (modprobe nvidia).' },
});
const BUSY = machine({ cores: 16 }, 32, { accelerators: [gpu('NVIDIA A10', 24, 20, 0.99)] });
const FULL = machine({ cores: 16 }, 32, { accelerators: [gpu('NVIDIA A10', 24, 0.3, 0.1)] });

const FP32 = { artifact: 'fp32', precision: 'fp32', requires: [] } as const;
const FP16 = { artifact: 'fp16', precision: 'fp16', requires: [] } as const;
const INT8 = { artifact: 'int8', precision: 'int8', requires: ['int8_dot'] } as const;
type Backend = Pick<Candidate, 'backend' | 'device' | 'priority' | 'profiles'>;
const both = (backend: Backend): Candidate[] => [FP32, INT8].map((artifact) => ({ ...backend, ...artifact }));

const CPU: Backend = { backend: 'onnx-cpu', device: 'cpu', priority: 10 };
const CUDA: Backend = { backend: 'onnx-cuda', device: 'cuda', priority: 50 };
const TENSORRT: Backend = { backend: 'onnx-tensorrt', device: 'tensorrt', priority: 60, profiles: ['h100'] };
const COREML: Backend = { backend: 'onnx-coreml', device: 'coreml', priority: 50 };
const ALL = [CPU, CUDA, TENSORRT, COREML].flatMap(both);

const short = ({ backend, artifact, options: { sessions, threads, fp16 } }: RankedChoice) =>
  `${backend}/${artifact}${fp16 ? ' fp16' : ''} ${sessions}x${threads}`;

describe('what is ranked on a machine', () => {
  it.each([
    ['a Raspberry Pi 4, without dot products', PI_4, 'auto', ['onnx-cpu/fp32 4x1']],
    ['a Raspberry Pi 4, minimal', PI_4, 'minimal', ['onnx-cpu/fp32 1x1']],
    ['a Raspberry Pi 5, with dot products', PI_5, 'auto', ['onnx-cpu/int8 4x1', 'onnx-cpu/fp32 4x1']],
    ['a Raspberry Pi 5, desktop', PI_5, 'desktop', ['onnx-cpu/int8 2x1', 'onnx-cpu/fp32 2x1']],
    ['2 cores of a 64-core host', CONTAINER, 'auto', ['onnx-cpu/int8 2x1', 'onnx-cpu/fp32 2x1']],
    ['2 cores, server', CONTAINER, 'server', ['onnx-cpu/int8 2x1', 'onnx-cpu/fp32 2x1']],
    ['2 cores, desktop', CONTAINER, 'desktop', ['onnx-cpu/int8 1x1', 'onnx-cpu/fp32 1x1']],
    ['2 cores that memory binds to one session', TINY_CONTAINER, 'auto', ['onnx-cpu/int8 1x2', 'onnx-cpu/fp32 1x2']],
    ['a server whose int8 would saturate', OLD_SERVER, 'server', ['onnx-cpu/fp32 16x1']],
    ['a laptop with Metal', LAPTOP, 'auto', ['onnx-coreml/fp32 1x1', 'onnx-cpu/int8 8x1', 'onnx-cpu/fp32 8x1']],
    ['a laptop with Metal, minimal', LAPTOP, 'minimal', ['onnx-cpu/int8 1x1', 'onnx-cpu/fp32 1x1']],
    ['a desktop with a GPU', DESKTOP, 'desktop', ['onnx-cuda/fp32 1x1', 'onnx-cpu/int8 8x1', 'onnx-cpu/fp32 8x1']],
    ['a 32-core server', SERVER, 'server', ['onnx-cpu/int8 32x1', 'onnx-cpu/fp32 32x1']],
    ['a 32-core server, named low', SERVER, 'low', ['onnx-cpu/int8 8x1', 'onnx-cpu/fp32 8x1']],
    ['a 32-core server, h100', SERVER, 'h100', ['onnx-cpu/int8 32x1', 'onnx-cpu/fp32 32x1']],
    [
      'an H100 host, h100',
      H100,
      'h100',
      ['onnx-tensorrt/fp32 fp16 1x1', 'onnx-cuda/fp32 fp16 1x1', 'onnx-cpu/int8 104x1', 'onnx-cpu/fp32 104x1'],
    ],
    ['an H100 host, auto', H100, 'auto', ['onnx-cuda/fp32 1x1', 'onnx-cpu/int8 104x1', 'onnx-cpu/fp32 104x1']],
    ['a GPU without driver', NO_DRIVER, 'auto', ['onnx-cpu/int8 16x1', 'onnx-cpu/fp32 16x1']],
    ['a GPU at work', BUSY, 'auto', ['onnx-cpu/int8 16x1', 'onnx-cpu/fp32 16x1', 'onnx-cuda/fp32 1x1']],
    ['a GPU whose memory is taken', FULL, 'server', ['onnx-cpu/int8 16x1', 'onnx-cpu/fp32 16x1', 'onnx-cuda/fp32 1x1']],
  ] as const)('%s', (_, inventory, profile, expected) => {
    expect(select(inventory, profile, ALL).choices.map(short)).toEqual(expected);
  });

  it.each([
    ['auto', PI_5, 'minimal'],
    ['auto', SERVER, 'high'],
    ['auto', H100, 'extreme'],
    ['desktop', SERVER, 'desktop'],
  ] as const)('applies %s as the profile that the response names', (profile, inventory, applied) => {
    expect(select(inventory, profile, ALL).profile).toBe(applied);
  });
});

describe('session options on a device', () => {
  it('name the device and what of its memory may be taken', () => {
    expect(select(H100, 'h100', ALL).choices[0]?.options).toEqual({
      sessions: 1,
      threads: 1,
      deviceId: 0,
      memoryLimitBytes: Math.floor(79 * GIB * 0.9),
      fp16: true,
    });
    expect(select(DESKTOP, 'desktop', ALL).choices[0]?.options.memoryLimitBytes).toBe(5.5 * GIB);
  });

  it('name neither for Core ML, which takes neither', () => {
    expect(select(LAPTOP, 'auto', ALL).choices[0]?.options).toEqual({ sessions: 1, threads: 1 });
  });

  it('are those of the idle GPU with the most free memory', () => {
    const accelerators = [
      gpu('busy', 80, 79, 0.95, { index: 0 }),
      gpu('half', 80, 30, 0, { index: 1 }),
      gpu('free', 80, 70, 0.2, { index: 2 }),
      gpu('small', 0.5, 0.5, 0, { index: 3 }),
    ];
    const { choices } = select({ ...SERVER, accelerators }, 'server', [...both(CPU), ...both(CUDA)]);
    expect(choices[0]).toMatchObject({ backend: 'onnx-cuda', options: { deviceId: 2 } });
  });

  it('are those of the first of equal GPUs, in whatever order they were reported', () => {
    const accelerators = [1, 0, 2].map((index) => gpu('equal', 24, 20, 0, { index }));
    expect(select({ ...SERVER, accelerators }, 'server', both(CUDA)).choices[0]?.options.deviceId).toBe(0);
  });

  it.each([
    ['server', 'onnx-cuda'],
    ['desktop', 'onnx-cpu'],
  ] as const)('under %s, with a GPU that is half busy, are first those of %s', (profile, backend) => {
    const half = { ...DESKTOP, accelerators: [gpu('NVIDIA RTX 3060', 12, 11, 0.6)] };
    expect(select(half, profile, ALL).choices[0]?.backend).toBe(backend);
  });

  it.each([
    ['a small model', 45e6, { sessions: 8, threads: 1 }],
    ['a model that memory holds three times', 438e6, { sessions: 3, threads: 2 }],
    ['a model that memory holds once at best', 4e9, { sessions: 1, threads: 8 }],
  ])('are fewer sessions with more threads for %s', (_, modelBytes, expected) => {
    const [first] = select(machine({ cores: 8 }, 6.5), 'auto', [{ ...CPU, ...FP32, modelBytes }]).choices;
    expect(first?.options).toEqual(expected);
  });

  it('are no more than do the backend any good, of one thread each', () => {
    const [first] = select(machine({ cores: 8 }, 32), 'auto', [{ ...CPU, ...FP32, mostSessions: 2 }]).choices;
    expect(first?.options).toEqual({ sessions: 2, threads: 1 });
  });
});

describe('reasons', () => {
  const reasonsOf = (ranking: ReturnType<typeof select>, backend: string) =>
    ranking.rejected.filter(({ id }) => id.startsWith(`${backend}/`)).map(({ reason }) => reason);

  it.each([
    ['a GPU without driver', NO_DRIVER, 'auto', 'onnx-cuda', /driver is not running/],
    ['a machine without a GPU', SERVER, 'auto', 'onnx-cuda', /PCI bus shows none/],
    ['a vendor that no probe told of', SERVER, 'auto', 'onnx-coreml', /no apple accelerator was found/],
    ['a backend for another profile', H100, 'auto', 'onnx-tensorrt', /meant for h100, not for extreme/],
    ['a device under minimal', LAPTOP, 'minimal', 'onnx-coreml', /minimal uses the CPU alone/],
    ['int8 on an old x86', OLD_SERVER, 'auto', 'onnx-cpu', /needs int8_dot.*any of avx512_vnni, avx_vnni, amx_int8/],
    ['int8 on an old Arm', PI_4, 'auto', 'onnx-cpu', /int8_dot.*any of asimddp, i8mm/],
    ['int8 on a GPU', DESKTOP, 'desktop', 'onnx-cuda', /8-bit dot products of a CPU/],
  ] as const)('say why %s is rejected', (_, inventory, profile, backend, expected) => {
    const reasons = reasonsOf(select(inventory, profile, ALL), backend);
    expect(reasons).not.toEqual([]);
    for (const reason of reasons) expect(reason).toMatch(expected);
  });

  it('say why a device too small for the model is rejected, busy or not', () => {
    const small = { ...DESKTOP, accelerators: [gpu('NVIDIA MX150', 2, 2, 0)] };
    const large = { ...CUDA, ...FP32, modelBytes: 1.75 * GIB };
    expect(reasonsOf(select(small, 'auto', [large]), 'onnx-cuda')).toEqual([expect.stringContaining('4.0 GiB')]);
  });

  it.each([
    ['riscv64', ['rv64gc'], /no riscv64 CPU is known/],
    ['arm64', ['avx512_vnni'], /does not have/],
  ])('do not take a feature of another architecture than %s', (architecture, instructionSets, expected) => {
    const other = machine({ architecture, cores: 4, instructionSets }, 8);
    expect(reasonsOf(select(other, 'auto', both(CPU)), 'onnx-cpu')[0]).toMatch(expected);
  });

  it('say of a ranked device why it stands below the CPU', () => {
    expect(select(BUSY, 'auto', ALL).choices.at(-1)?.reason).toMatch(/NVIDIA A10 \(device 0\).*99 % utilized/);
    expect(select(FULL, 'auto', ALL).choices.at(-1)?.reason).toMatch(
      /0\.3 GiB to be had of its memory, 1\.0 GiB needed/,
    );
  });

  it('take any other requirement as the name of an instruction set', () => {
    const avx = (name: string) => ({ ...CPU, ...FP32, requires: [name] });
    expect(select(OLD_SERVER, 'auto', [avx('avx2')]).choices).toHaveLength(1);
    expect(reasonsOf(select(OLD_SERVER, 'auto', [avx('avx10')]), 'onnx-cpu')[0]).toMatch(/needs avx10, which this CPU/);
  });
});

describe('int8 where the CPU has exact 8-bit dot products', () => {
  it.each([
    ['x64', 'avx512_vnni', true],
    ['x64', 'avx_vnni', true],
    ['x64', 'amx_int8', true],
    ['x64', 'avx512f', false],
    ['x64', 'asimddp', false],
    ['arm64', 'asimddp', true],
    ['arm64', 'i8mm', true],
    ['arm64', 'asimd', false],
    ['arm', 'asimddp', false],
  ])('%s with %s: %p', (architecture, instructionSet, accepted) => {
    const inventory = machine({ architecture, cores: 4, instructionSets: [instructionSet] }, 8);
    const { choices } = select(inventory, 'auto', both(CPU));
    expect(choices.some(({ artifact }) => artifact === 'int8')).toBe(accepted);
  });
});

describe('notes of a profile whose accelerator is missing', () => {
  it.each([
    [
      'no device',
      SERVER,
      /^h100: onnx-cpu runs in place of an nvidia accelerator: No NVIDIA device was found.*PCI bus shows none/,
    ],
    ['no driver', NO_DRIVER, /driver is not running/],
    ['a busy device', BUSY, /in use \(99 % utilized/],
  ])('tell of %s', (_, inventory, expected) => {
    expect(select(inventory, 'h100', ALL).choices[0]?.notes).toEqual([expect.stringMatching(expected)]);
  });

  it('tell that no backend is installed where the device is there', () => {
    expect(select(H100, 'h100', both(CPU)).choices[0]?.notes?.[0]).toMatch(/no backend for it takes this model/);
  });

  it('are ready for the case that what ranks first cannot be opened', () => {
    expect(select(H100, 'h100', ALL).choices.map(({ notes }) => notes)).toEqual([
      [],
      [],
      [expect.stringMatching(/onnx-cpu runs in place.*: onnx-tensorrt could not be opened/)],
      [expect.stringMatching(/onnx-tensorrt could not be opened/)],
    ]);
  });

  it('tell of a CPU backend that was put first', () => {
    const first = { ...CPU, ...FP32, backend: 'acme-cpu', priority: 200 };
    expect(select(H100, 'h100', [...ALL, first]).choices[0]?.notes).toEqual([
      expect.stringMatching(/acme-cpu has the higher priority/),
    ]);
  });

  it('tell of a lesser device', () => {
    expect(select(DESKTOP, 'h100', ALL).choices[0]).toMatchObject({
      backend: 'onnx-tensorrt',
      notes: [expect.stringMatching(/RTX 3060 \(device 0\) is used/)],
    });
  });

  it('are none of a backend that was made for the profile, or that runs elsewhere', () => {
    const own: Candidate = { ...CPU, ...FP32, backend: 'acme-cpu', profiles: ['h100'] };
    const remote: Candidate = { ...CPU, ...FP32, backend: 'acme-remote', device: 'remote' };
    expect(select(SERVER, 'h100', [own, remote]).choices.flatMap(({ notes }) => notes)).toEqual([]);
  });

  it('are none under a profile that asks for no accelerator', () => {
    expect(select(SERVER, 'server', ALL).choices.flatMap(({ notes }) => notes)).toEqual([]);
  });
});

describe('the wish for fp16', () => {
  it('is granted where the device computes in it', () => {
    expect(select(DESKTOP, 'auto', ALL, { fp16: true }).choices[0]?.options.fp16).toBe(true);
  });

  it.each([
    ['the CPU', SERVER],
    [
      'a GPU older than tensor cores',
      { ...SERVER, accelerators: [gpu('GTX 1080', 8, 8, 0, { computeCapability: 6.1 })] },
    ],
    [
      'a GPU that does not tell its class',
      { ...SERVER, accelerators: [{ ...gpu('K80', 12, 12, 0), computeCapability: 0 }] },
    ],
  ])('is not granted on %s, which the engine then notes', (_, inventory) => {
    expect(select(inventory, 'auto', ALL, { fp16: true }).choices[0]?.options).not.toHaveProperty('fp16');
  });

  it('overrides the profile where it is false', () => {
    expect(select(H100, 'h100', ALL, { fp16: false }).choices[0]?.options).not.toHaveProperty('fp16');
  });

  it('prefers an fp16 artifact on a device, and leaves it last on the CPU', () => {
    const artifacts = [FP32, INT8, FP16];
    const all = [CPU, CUDA].flatMap((backend) => artifacts.map((artifact) => ({ ...backend, ...artifact })));
    expect(select(H100, 'h100', all).choices.map(({ backend, artifact }) => `${backend}/${artifact}`)).toEqual([
      'onnx-cuda/fp16',
      'onnx-cuda/fp32',
      'onnx-cpu/int8',
      'onnx-cpu/fp32',
      'onnx-cpu/fp16',
    ]);
  });
});

describe('a plugin', () => {
  const remote: Candidate = { ...FP32, backend: 'acme-remote', device: 'remote', priority: 200 };

  it.each(HARDWARE_PROFILES)('of higher priority comes first under %s', (profile) => {
    expect(select(H100, profile, [...ALL, remote]).choices[0]?.backend).toBe('acme-remote');
  });

  it('comes first for the profiles it names, and is rejected for others', () => {
    const forServer = { ...remote, profiles: ['server', 'high'] } as const;
    expect(select(SERVER, 'server', [...ALL, forServer]).choices[0]?.backend).toBe('acme-remote');
    expect(select(SERVER, 'auto', [...ALL, forServer]).choices[0]?.backend).toBe('acme-remote');
    const { choices, rejected } = select(SERVER, 'desktop', [...ALL, forServer]);
    expect(choices[0]?.backend).toBe('onnx-cpu');
    expect(rejected).toContainEqual({
      id: 'acme-remote/fp32',
      reason: 'meant for server, high, not for desktop',
    });
  });

  it('removed, leaves the next in rank', () => {
    const withPlugin = select(SERVER, 'server', [...ALL, remote]);
    const without = select(SERVER, 'server', ALL);
    expect(withPlugin.choices.slice(1)).toEqual(without.choices);
  });

  it('on a device is ranked under minimal where it names it', () => {
    const forMinimal: Candidate = { ...COREML, ...FP32, backend: 'acme-ane', profiles: ['minimal'], priority: 150 };
    expect(select(LAPTOP, 'minimal', [...ALL, forMinimal]).choices[0]?.backend).toBe('acme-ane');
  });

  it('can bring a device of its own', () => {
    const npu: Accelerator = { ...METAL, vendor: 'acme', name: 'Acme NPU', freeMemoryBytes: 8 * GIB };
    const backend: Candidate = { ...FP32, backend: 'acme-npu', device: 'acme', priority: 120 };
    expect(select({ ...SERVER, accelerators: [npu] }, 'auto', [...ALL, backend]).choices[0]).toMatchObject({
      backend: 'acme-npu',
      options: { deviceId: 0 },
    });
  });

  it('on a device in use does not come before an idle CPU, whatever its priority', () => {
    expect(select(BUSY, 'auto', [...both(CPU), ...both({ ...CUDA, priority: 900 })]).choices[0]?.backend).toBe(
      'onnx-cpu',
    );
  });
});

describe('any ranking', () => {
  const profile = fc.constantFrom(...HARDWARE_PROFILES, ...HARDWARE_TIERS);
  const inventory = fc.constantFrom(PI_4, PI_5, CONTAINER, TINY_CONTAINER, LAPTOP, DESKTOP, SERVER, H100, BUSY, FULL);
  const backend = fc.record({
    backend: fc.string({ minLength: 1 }),
    device: fc.constantFrom('cpu', 'remote', 'cuda', 'coreml', 'acme'),
    priority: fc.integer({ min: -10, max: 200 }),
  });
  const candidates = fc
    .uniqueArray(backend, { selector: ({ backend: id }) => id, maxLength: 6 })
    .chain((backends) => fc.shuffledSubarray(backends.flatMap(both)));

  it('ranks or rejects every candidate, once, with a reason', () => {
    fc.assert(
      fc.property(inventory, profile, candidates, (machine, name, all) => {
        const { choices, rejected } = select(machine, name, all);
        const ids = [
          ...choices.map(({ backend, artifact }) => `${backend}/${artifact}`),
          ...rejected.map(({ id }) => id),
        ];
        expect(ids.sort()).toEqual(all.map(({ backend, artifact }) => `${backend}/${artifact}`).sort());
        for (const { reason } of [...choices, ...rejected]) expect(reason).toMatch(/\w.*[^.]$/);
      }),
    );
  });

  it('does not depend on the order of the candidates', () => {
    fc.assert(
      fc.property(inventory, profile, candidates, (machine, name, all) => {
        expect(select(machine, name, [...all].reverse())).toEqual(select(machine, name, all));
      }),
    );
  });

  it('never keeps more cores busy than there are, nor runs without a session', () => {
    fc.assert(
      fc.property(
        profile,
        fc.integer({ min: 1, max: 256 }),
        fc.integer({ min: 1, max: 2 ** 40 }),
        (name, cores, limitBytes) => {
          const small = { ...machine({ cores }, 1), memory: { limitBytes, hostBytes: limitBytes } };
          for (const { options } of select(small, name, both(CPU)).choices) {
            expect(options.sessions).toBeGreaterThanOrEqual(1);
            expect(options.threads).toBeGreaterThanOrEqual(1);
            expect(options.sessions * options.threads).toBeLessThanOrEqual(cores);
          }
        },
      ),
    );
  });
});
