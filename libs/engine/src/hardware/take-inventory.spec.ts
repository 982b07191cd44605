import { availableParallelism } from 'node:os';
import type { Accelerator, CpuInfo, HardwareProbe, ProbeReport } from '../contracts';
import { PluginError } from '../errors';
import { mergeReports, takeInventory } from './take-inventory';

const cpu = (cores: number): CpuInfo => ({
  model: 'test',
  architecture: 'arm64',
  cores,
  hostCores: cores,
  instructionSets: [],
});
const memory = { limitBytes: 2 ** 31, hostBytes: 2 ** 32 };
const gpu = (vendor: string, index: number, name = `${vendor} ${index}`): Accelerator => ({
  vendor,
  name,
  index,
  memoryBytes: null,
  freeMemoryBytes: null,
  utilization: null,
  driver: null,
});
const probe = (id: string, answer: () => Promise<ProbeReport>) => ({
  plugin: '@acme/probes',
  strategy: { id, probe: answer } satisfies HardwareProbe,
});

describe('merging reports', () => {
  it('puts the parts together, with reasons by probe', () => {
    const inventory = mergeReports([
      ['cpu', { platform: 'linux', cpu: cpu(4), reason: 'No instruction sets.' }],
      ['memory', { memory }],
      ['nvidia', { accelerators: [gpu('nvidia', 0), gpu('nvidia', 1)] }],
      ['amd', { accelerators: [], reason: 'No AMD GPU.' }],
      ['acme', { accelerators: [gpu('acme', 0)] }],
    ]);
    expect(inventory).toEqual({
      platform: 'linux',
      cpu: cpu(4),
      memory,
      accelerators: [gpu('nvidia', 0), gpu('nvidia', 1), gpu('acme', 0)],
      reasons: { cpu: 'No instruction sets.', amd: 'No AMD GPU.' },
    });
  });

  it('lets the earlier report count where two tell of the same part', () => {
    const inventory = mergeReports([
      ['a', { cpu: cpu(2), accelerators: [gpu('nvidia', 0, 'first')] }],
      ['b', { cpu: cpu(9), accelerators: [gpu('nvidia', 0, 'second'), gpu('nvidia', 1)] }],
    ]);
    expect(inventory.cpu.cores).toBe(2);
    expect(inventory.accelerators.map(({ name }) => name)).toEqual(['first', 'nvidia 1']);
  });

  it("takes Node's own figures for what nobody reports, and no instruction set", () => {
    const inventory = mergeReports([]);
    expect(inventory.cpu).toMatchObject({ cores: availableParallelism(), instructionSets: [] });
    expect(inventory.memory.limitBytes).toBeGreaterThan(0);
  });
});

describe('taking an inventory', () => {
  it('gives a reason for a probe that hangs, and the findings of the others', async () => {
    const inventory = await takeInventory(
      [probe('hung', () => new Promise(() => {})), probe('cpu', () => Promise.resolve({ cpu: cpu(2) }))],
      20,
    );
    expect(inventory.cpu.cores).toBe(2);
    expect(inventory.reasons['hung']).toMatch(/within 20 ms/);
  });

  it.each<[string, () => Promise<ProbeReport>, RegExp]>([
    ['rejects', () => Promise.reject(new Error('no such bus')), /probe "bad" threw: no such bus/],
    [
      'throws at once',
      () => {
        throw new TypeError('undefined is not a function');
      },
      /probe "bad" threw: undefined is not a function/,
    ],
    // A plugin in JavaScript can return what the type forbids.
    ['returns nothing', () => Promise.resolve(undefined as unknown as ProbeReport), /"bad" is not an object/],
    ['returns no cores', () => Promise.resolve({ cpu: cpu(0) }), /"bad" has cpu\.cores/],
  ])('is refused by a probe that %s, with the name of its plugin', async (_, answer, message) => {
    const error: unknown = await takeInventory([probe('bad', answer)]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({ plugin: '@acme/probes', message: expect.stringMatching(message) as string });
  });
});
