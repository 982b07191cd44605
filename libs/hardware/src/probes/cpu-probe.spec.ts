import { probeConformance } from '@sutra-embedder/engine/testing';

import { FixtureMachine, type MachineFixture } from '../machine/fixture-machine';
import { CpuProbe } from './cpu-probe';
import { parseCpuList, parseCpuModel, parseInstructionSets } from './cpuinfo';
import { parseSysctlFeatures } from './sysctl';

const XEON = [0, 1]
  .map(
    (processor) => `processor\t: ${processor}
vendor_id\t: GenuineIntel
model name\t: Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz
flags\t\t: fpu sse4_2 avx avx2 fma avx512f avx512_vnni amx_bf16 amx_tile amx_int8
vmx flags\t: vnmi preemption_timer
`,
  )
  .join('\n');

const PI_4 = `processor\t: 0
BogoMIPS\t: 108.00
Features\t: fp asimd evtstrm crc32 cpuid
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x0
CPU part\t: 0xd08
CPU revision\t: 3

Hardware\t: BCM2835
Revision\t: c03114
Model\t\t: Raspberry Pi 4 Model B Rev 1.4
`;

const PI_5 = `processor\t: 0
Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp
CPU implementer\t: 0x41
CPU part\t: 0xd0b

Model\t\t: Raspberry Pi 5 Model B Rev 1.0
`;

const V2_FILES = (cpuMax: string) => ({
  '/proc/self/cgroup': '0::/\n',
  '/proc/self/mountinfo': '30 24 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw',
  '/sys/fs/cgroup/cpu.max': cpuMax,
});

const cpuOf = async (fixture: MachineFixture) => (await new CpuProbe(new FixtureMachine(fixture)).probe()).cpu;

describe('/proc/cpuinfo', () => {
  it.each([
    ['a Xeon', XEON, 'Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz'],
    ['a Raspberry Pi 4', PI_4, 'Raspberry Pi 4 Model B Rev 1.4 (Cortex-A72)'],
    ['a cloud Arm server', 'CPU implementer\t: 0x41\nCPU part\t: 0xd4f\n', 'Neoverse-V2'],
    ["another implementer's part of the same number", 'CPU implementer\t: 0x51\nCPU part\t: 0xd4f\n', null],
    ['nothing', '', null],
  ])('names %s', (_, cpuinfo, model) => {
    expect(parseCpuModel(cpuinfo)).toBe(model);
  });

  it('gives the flags of x86 and no flags of its virtualization', () => {
    expect(parseInstructionSets(XEON)).toEqual(
      expect.arrayContaining(['avx2', 'avx512_vnni', 'amx_int8']) as unknown as string[],
    );
    expect(parseInstructionSets(XEON)).not.toContain('vnmi');
  });

  it('gives the features of Arm', () => {
    expect(parseInstructionSets(PI_4)).not.toContain('asimddp');
    expect(parseInstructionSets(PI_5)).toContain('asimddp');
  });

  it('keeps only what every processor has', () => {
    expect(parseInstructionSets('Features\t: fp asimd asimddp\n\nFeatures\t: fp asimd\n')).toEqual(['fp', 'asimd']);
  });
});

describe('CPU lists', () => {
  it.each([
    ['0', 1],
    ['0-3', 4],
    ['0-3,8,10-11', 7],
    ['', null],
    ['none', null],
  ])('%j holds %p', (list, count) => {
    expect(parseCpuList(list)).toBe(count);
  });
});

describe('sysctl', () => {
  it('gives the features of Apple silicon as Linux spells them', () => {
    const output = `machdep.cpu.brand_string: Apple M2
hw.optional.arm.FEAT_DotProd: 1
hw.optional.arm.FEAT_I8MM: 1
hw.optional.arm.FEAT_SME: 0
hw.optional.AdvSIMD: 1
hw.optional.neon: 1
`;
    expect(parseSysctlFeatures(output).sort()).toEqual(['asimd', 'asimddp', 'i8mm']);
  });

  it('gives the features of an Intel Mac as Linux spells them', () => {
    const output = `machdep.cpu.features: FPU SSE4.1 SSE4.2 AVX1.0
machdep.cpu.leaf7_features: AVX2 AVX512F AVX512VNNI
machdep.cpu.extfeatures: LAHF
`;
    expect(parseSysctlFeatures(output)).toEqual(
      expect.arrayContaining(['sse4_1', 'avx', 'avx2', 'avx512_vnni']) as unknown as string[],
    );
  });
});

describe('usable cores', () => {
  it.each<[string, MachineFixture, number]>([
    ['all of a host without limits', { hostCores: 64 }, 64],
    ['a quota of two', { hostCores: 64, files: V2_FILES('200000 100000') }, 2],
    ['a quota of one and a half, rounded up', { hostCores: 64, files: V2_FILES('150000 100000') }, 2],
    ['a tenth of a core', { hostCores: 64, files: V2_FILES('10000 100000') }, 1],
    ['a quota above the host', { hostCores: 4, files: V2_FILES('800000 100000') }, 4],
    [
      'a cpuset of three',
      { hostCores: 64, files: { '/proc/self/status': 'Name:\tnode\nCpus_allowed:\tb\nCpus_allowed_list:\t0-1,3\n' } },
      3,
    ],
    [
      'a cpuset of eight and a quota of two',
      { hostCores: 64, files: { ...V2_FILES('200000 100000'), '/proc/self/status': 'Cpus_allowed_list:\t0-7\n' } },
      2,
    ],
    ['what the runtime says where /proc does not', { hostCores: 64, availableCores: 6 }, 6],
    ['a host that hides its cores', { hostCores: 0 }, 1],
    ['Windows, where no quota is read', { platform: 'win32', hostCores: 16, files: V2_FILES('100000 100000') }, 16],
  ])('%s', async (_, fixture, cores) => {
    expect((await cpuOf(fixture))?.cores).toBe(cores);
  });
});

describe('the CPU probe', () => {
  it('reports a Xeon', async () => {
    expect(await cpuOf({ hostCores: 2, files: { '/proc/cpuinfo': XEON } })).toMatchObject({
      model: 'Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz',
      architecture: 'x64',
      hostCores: 2,
    });
  });

  it('asks sysctl on macOS, also when it exits with 1 for a node it does not know', async () => {
    const output = 'hw.optional.arm.FEAT_DotProd: 1\nsysctl: unknown oid';
    const fixture: MachineFixture = {
      platform: 'darwin',
      architecture: 'arm64',
      cpuModel: 'Apple M2',
      hostCores: 8,
      commands: { '/usr/sbin/sysctl': { status: 'failed', code: 1, output } },
    };
    expect(await cpuOf(fixture)).toMatchObject({ model: 'Apple M2', cores: 8, instructionSets: ['asimddp'] });
  });

  it('assumes no instruction set where it cannot read any, and says so', async () => {
    const report = await new CpuProbe(new FixtureMachine({ platform: 'win32' })).probe();
    expect(report.cpu?.instructionSets).toEqual([]);
    expect(report.reason).toMatch(/win32; none is assumed/);
  });
});

probeConformance('CpuProbe', () => new CpuProbe());
probeConformance(
  'CpuProbe in a container',
  () => new CpuProbe(new FixtureMachine({ hostCores: 64, files: V2_FILES('50000 100000') })),
);
probeConformance(
  'CpuProbe on a machine that tells nothing',
  () => new CpuProbe(new FixtureMachine({ platform: 'sunos', hostCores: 0 })),
);
