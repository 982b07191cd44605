import { probeConformance } from '@sutra-embedder/engine/testing';

import { FixtureMachine } from '../machine/fixture-machine';
import type { CommandOutcome } from '../machine/machine-access';
import { AmdProbe } from './amd-probe';
import { parseRocmSmi } from './rocm-smi';

const TWO_CARDS = `WARNING: AMD GPU device(s) is/are in a low-power state. Check power control/runtime_status

${JSON.stringify({
  card1: { 'GPU use (%)': '97', 'VRAM Total Memory (B)': '68702699520', 'Card series': 'Instinct MI210' },
  card0: {
    'GPU use (%)': '0',
    'VRAM Total Memory (B)': '68702699520',
    'VRAM Total Used Memory (B)': '10960896',
    'Card Series': 'AMD Instinct MI210',
    'Card Model': '0x740f',
    'GFX Version': 'gfx90a',
  },
  system: { 'Driver version': '6.7.0' },
})}
`;

describe('rocm-smi', () => {
  it('tells of cards in order, with the keys of either release', () => {
    expect(parseRocmSmi(TWO_CARDS)).toEqual([
      {
        vendor: 'amd',
        name: 'AMD Instinct MI210',
        index: 0,
        memoryBytes: 68_702_699_520,
        freeMemoryBytes: 68_691_738_624,
        utilization: 0,
        driver: '6.7.0',
      },
      expect.objectContaining({ name: 'Instinct MI210', index: 1, freeMemoryBytes: null, utilization: 0.97 }),
    ]);
  });

  it('leaves out what is N/A', () => {
    const output = JSON.stringify({
      card0: { 'GPU use (%)': 'N/A', 'VRAM Total Memory (B)': 'N/A', 'Card Series': 'N/A' },
    });
    expect(parseRocmSmi(output)).toEqual([
      expect.objectContaining({ name: 'AMD GPU', memoryBytes: null, freeMemoryBytes: null, utilization: null }),
    ]);
  });

  it.each(['', 'ERROR: no GPU', '{"card0": ', '[1]'])('is null for %j', (output) => {
    expect(parseRocmSmi(output)).toBeNull();
  });
});

describe('the AMD probe', () => {
  const gpu = {
    '/sys/bus/pci/devices/0000:03:00.0/vendor': '0x1002\n',
    '/sys/bus/pci/devices/0000:03:00.0/class': '0x038000\n',
  };

  it.each<[string, CommandOutcome, Record<string, string>, number, RegExp | undefined]>([
    ['two cards', { status: 'ok', stdout: TWO_CARDS }, {}, 2, undefined],
    ['no card', { status: 'ok', stdout: '{}' }, {}, 0, /lists no device/],
    ['no JSON', { status: 'ok', stdout: 'WARNING: No JSON data to report' }, {}, 0, /without JSON/],
    ['no program and no GPU', { status: 'missing' }, {}, 0, /PCI bus shows none/],
    ['a GPU without ROCm', { status: 'missing' }, gpu, 0, /shows 1 AMD GPU\(s\)/],
    [
      'no driver',
      { status: 'failed', code: 1, output: 'ERROR:root:Driver not initialized (amdgpu not found in modules)' },
      {},
      0,
      /driver is not loaded/,
    ],
    ['a failure', { status: 'failed', code: 3, output: 'Traceback' }, {}, 0, /exit code 3/],
    ['a hanging driver', { status: 'timeout', timeoutMs: 10_000 }, {}, 0, /within 10000 ms/],
  ])('reports %s', async (_, outcome, files, count, reason) => {
    const report = await new AmdProbe(new FixtureMachine({ commands: { 'rocm-smi': outcome }, files })).probe();
    expect(report.accelerators).toHaveLength(count);
    if (reason) expect(report.reason).toMatch(reason);
    else expect(report.reason).toBeUndefined();
  });
});

probeConformance('AmdProbe', () => new AmdProbe());
probeConformance(
  'AmdProbe with two cards',
  () => new AmdProbe(new FixtureMachine({ commands: { 'rocm-smi': { status: 'ok', stdout: TWO_CARDS } } })),
);
