import { probeConformance } from '@sutra-embedder/engine/testing';

import { FixtureMachine } from '../machine/fixture-machine';
import type { CommandOutcome } from '../machine/machine-access';
import { NvidiaProbe } from './nvidia-probe';
import { explainNvidiaFailure, migMemoryBytes, parseMigInstances, parseNvidiaSmi } from './nvidia-smi';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const H100 = `0, NVIDIA H100 80GB HBM3, 81559, 81008, 0, 550.90.07, 9.0, Disabled
1, NVIDIA H100 80GB HBM3, 81559, 1203, 98, 550.90.07, 9.0, Disabled
`;
const A10_IN_USE = '0, NVIDIA A10, 23028, 310, 100, 535.183.01, 8.6, [N/A]\n';
const MIG =
  '0, NVIDIA A100-SXM4-80GB, [Insufficient Permissions], [Insufficient Permissions], [N/A], 535.161.08, 8.0, Enabled\n';
const MIG_LIST = `GPU 0: NVIDIA A100-SXM4-80GB (UUID: GPU-11111111-2222-3333-4444-555555555555)
  MIG 2g.20gb     Device  0: (UUID: MIG-aaaaaaaa-2222-3333-4444-555555555555)
  MIG 1g.10gb     Device  1: (UUID: MIG-bbbbbbbb-2222-3333-4444-555555555555)
`;
const UNIFIED = '0, NVIDIA GB10, [N/A], [N/A], 3, 580.95.05, 12.1, [N/A]\n';

const ok = (stdout: string): CommandOutcome => ({ status: 'ok', stdout });
const failed = (output: string, code: number): CommandOutcome => ({ status: 'failed', output, code });
const report = (answer: CommandOutcome | ((args: readonly string[]) => CommandOutcome), files = {}) =>
  new NvidiaProbe(new FixtureMachine({ commands: { 'nvidia-smi': answer }, files })).probe();

describe('nvidia-smi', () => {
  it('tells of an idle and a busy H100', () => {
    expect(parseNvidiaSmi(H100)).toEqual([
      {
        vendor: 'nvidia',
        name: 'NVIDIA H100 80GB HBM3',
        index: 0,
        memoryBytes: 81_559 * MIB,
        freeMemoryBytes: 81_008 * MIB,
        utilization: 0,
        driver: '550.90.07',
        computeCapability: 9,
        mig: false,
      },
      expect.objectContaining({ index: 1, freeMemoryBytes: 1_203 * MIB, utilization: 0.98 }),
    ]);
  });

  it.each([
    ['an A10 in use', A10_IN_USE, { utilization: 1, freeMemoryBytes: 310 * MIB, computeCapability: 8.6, mig: false }],
    ['a MIG GPU', MIG, { utilization: null, memoryBytes: null, freeMemoryBytes: null, mig: true }],
    ['memory shared with the CPU', UNIFIED, { memoryBytes: null, freeMemoryBytes: null, utilization: 0.03 }],
    ['an old driver', '0, Tesla K80, 11441, 11441, [Not Supported], 470.82.01\n', { utilization: null, mig: false }],
  ])('tells of %s', (_, csv, expected) => {
    expect(parseNvidiaSmi(csv)).toEqual([expect.objectContaining(expected)]);
  });

  it('leaves the compute capability out where the driver does not tell it', () => {
    expect(parseNvidiaSmi('0, Tesla K80, 11441, 11441, 0, 470.82.01')[0]).not.toHaveProperty('computeCapability');
  });

  it.each(['', '\n', 'No devices were found\n', 'warning: something, else'])('sees no device in %j', (csv) => {
    expect(parseNvidiaSmi(csv)).toEqual([]);
  });

  it('lists MIG instances by GPU', () => {
    expect(parseMigInstances(`${MIG_LIST}GPU 1: NVIDIA A100-SXM4-80GB (UUID: GPU-2)\n`)).toEqual(
      new Map([
        [0, ['2g.20gb', '1g.10gb']],
        [1, []],
      ]),
    );
  });

  it.each([
    ['1g.10gb', 10 * GIB],
    ['1c.3g.20gb', 20 * GIB],
    ['1g.12gb+me', 12 * GIB],
    ['unknown', null],
  ])('reads the memory of MIG %s', (profile, bytes) => {
    expect(migMemoryBytes(profile)).toBe(bytes);
  });

  it.each([
    [
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
      9,
      /driver is not running/,
    ],
    [
      'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.90',
      18,
      /different versions: reboot/,
    ],
    ['No devices were found', 6, /sees no device/],
    ['Failed to initialize NVML: Insufficient Permissions', 4, /may not be opened/],
    ['Failed to initialize NVML: Unknown Error', 255, /restart the container/],
    [
      'Unable to determine the device handle for GPU0000:01:00.0: GPU is lost. Reboot the system to recover this GPU',
      15,
      /reboot the host/,
    ],
    ['Something new\nand more', 77, /^nvidia-smi failed with exit code 77: Something new$/],
    ['', 1, /exit code 1: it printed nothing/],
  ])('explains %j', (output, code, sentence) => {
    expect(explainNvidiaFailure(output, code)).toMatch(sentence);
  });
});

describe('the NVIDIA probe', () => {
  it('reports devices without a reason where all is well', async () => {
    const { accelerators, reason } = await report(ok(H100));
    expect(accelerators?.map(({ index }) => index)).toEqual([0, 1]);
    expect(accelerators?.[0]).not.toHaveProperty('mig');
    expect(reason).toBeUndefined();
  });

  it('asks again with fewer fields where the driver is too old for all', async () => {
    const { accelerators } = await report((args) =>
      args[0]?.includes('compute_cap')
        ? failed('Field "compute_cap" is not a valid field to query.', 2)
        : ok('0, Tesla K80, 11441, 11441, 0, 470.82.01\n'),
    );
    expect(accelerators?.[0]?.name).toBe('Tesla K80');
  });

  it('reports the first instance of a GPU in MIG mode, with its own memory', async () => {
    const { accelerators, reason } = await report((args) => ok(args[0] === '-L' ? MIG_LIST : MIG));
    expect(accelerators).toEqual([
      expect.objectContaining({ name: 'NVIDIA A100-SXM4-80GB MIG 2g.20gb', memoryBytes: 20 * GIB, utilization: null }),
    ]);
    expect(reason).toMatch(/2 MIG instances/);
  });

  it('reports no device for a GPU in MIG mode without instances', async () => {
    const { accelerators, reason } = await report((args) =>
      ok(args[0] === '-L' ? 'GPU 0: NVIDIA A100 (UUID: x)' : MIG),
    );
    expect(accelerators).toEqual([]);
    expect(reason).toMatch(/without an instance/);
  });

  it.each<[string, CommandOutcome, Record<string, string>, RegExp]>([
    ['no program and no device', { status: 'missing' }, {}, /PCI bus shows none/],
    [
      'a device without a driver',
      { status: 'missing' },
      {
        '/sys/bus/pci/devices/0000:01:00.0/vendor': '0x10de\n',
        '/sys/bus/pci/devices/0000:01:00.0/class': '0x030000\n',
        '/sys/bus/pci/devices/0000:01:00.1/vendor': '0x10de\n',
        '/sys/bus/pci/devices/0000:01:00.1/class': '0x040300\n',
      },
      /shows 1 NVIDIA device\(s\), but nvidia-smi is not installed/,
    ],
    ['a driver that is not running', failed("couldn't communicate with the NVIDIA driver", 9), {}, /not running/],
    ['no device behind a running driver', ok('No devices were found\n'), {}, /sees no device/],
    ['a hanging driver', { status: 'timeout', timeoutMs: 10_000 }, {}, /did not answer within 10000 ms/],
  ])('gives the reason for %s', async (_, outcome, files, reason) => {
    expect(await report(outcome, files)).toEqual({ accelerators: [], reason: expect.stringMatching(reason) as string });
  });
});

probeConformance('NvidiaProbe', () => new NvidiaProbe());
for (const [situation, csv] of Object.entries({ H100, A10_IN_USE, MIG, UNIFIED, garbage: '\0' })) {
  const machine = new FixtureMachine({ commands: { 'nvidia-smi': ok(csv) } });
  probeConformance(`NvidiaProbe with ${situation}`, () => new NvidiaProbe(machine));
}
