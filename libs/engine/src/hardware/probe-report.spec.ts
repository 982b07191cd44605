import { probeReportProblem } from './probe-report';

const cpu = { model: 'test', architecture: 'x64', cores: 2, hostCores: 4, instructionSets: ['avx2'] };
const memory = { limitBytes: 1024, hostBytes: 2048 };
const gpu = {
  vendor: 'nvidia',
  name: 'test',
  index: 0,
  memoryBytes: 100,
  freeMemoryBytes: 50,
  utilization: 0.5,
  driver: '1',
};

describe('a report', () => {
  it.each([
    ['of all parts', { platform: 'linux', cpu, memory, accelerators: [gpu, { ...gpu, index: 1 }] }],
    ['of nothing, with a reason', { accelerators: [], reason: 'There is none.' }],
    [
      'of a device that tells little',
      {
        accelerators: [{ ...gpu, memoryBytes: null, freeMemoryBytes: null, utilization: null, driver: null }],
      },
    ],
  ])('is right: %s', (_, report) => {
    expect(probeReportProblem(report)).toBeNull();
  });

  it.each([
    ['nothing', undefined, /not an object/],
    ['a list', [], /not an object/],
    ['an empty object', {}, /must give a reason/],
    ['no devices without a reason', { accelerators: [] }, /must give a reason/],
    ['an empty reason', { reason: ' ' }, /reason/],
    ['an empty platform', { platform: '' }, /platform/],
    ['devices that are no list', { accelerators: {} }, /not a list/],
    ['no cores', { cpu: { ...cpu, cores: 0 } }, /cpu\.cores/],
    ['cores that are not a number', { cpu: { ...cpu, cores: Number.NaN } }, /cpu\.cores/],
    ['half a core', { cpu: { ...cpu, cores: 1.5 } }, /cpu\.cores/],
    ['more cores than the host', { cpu: { ...cpu, cores: 8 } }, /cpu\.hostCores/],
    ['a cpu without a model', { cpu: { ...cpu, model: '' } }, /cpu\.model/],
    ['a cpu without an architecture', { cpu: { ...cpu, architecture: 7 } }, /cpu\.architecture/],
    ['a cpu that is null', { cpu: null }, /cpu/],
    ['instruction sets in capitals', { cpu: { ...cpu, instructionSets: ['AVX2'] } }, /instructionSets/],
    ['memory without bytes', { memory: { ...memory, limitBytes: 0 } }, /limitBytes/],
    ['memory above the host', { memory: { ...memory, limitBytes: 4096 } }, /hostBytes/],
    ['memory that is a number', { memory: 7 }, /memory/],
    ['a device without a vendor', { accelerators: [{ ...gpu, vendor: '' }] }, /accelerators\[0\]/],
    ['a device that is null', { accelerators: [gpu, null] }, /accelerators\[1\]/],
    ['a negative index', { accelerators: [{ ...gpu, index: -1 }] }, /index/],
    ['memory of a device in text', { accelerators: [{ ...gpu, memoryBytes: '80 GB' }] }, /memoryBytes/],
    ['free memory left out', { accelerators: [{ ...gpu, freeMemoryBytes: undefined }] }, /freeMemoryBytes/],
    ['more free memory than memory', { accelerators: [{ ...gpu, freeMemoryBytes: 101 }] }, /above/],
    ['utilization in percent', { accelerators: [{ ...gpu, utilization: 50 }] }, /utilization/],
    ['a driver that is a number', { accelerators: [{ ...gpu, driver: 550 }] }, /driver/],
    ['a compute capability in text', { accelerators: [{ ...gpu, computeCapability: '9.0' }] }, /computeCapability/],
    ['a device twice', { accelerators: [gpu, gpu] }, /two accelerators/],
  ])('is wrong: %s', (_, report, problem) => {
    expect(probeReportProblem(report)).toMatch(problem);
  });
});
