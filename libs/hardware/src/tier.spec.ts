import { resolveProfile, tierOf } from './tier';

const GIB = 2 ** 30;
const machine = (cores: number, gib: number) => ({
  cpu: { cores, hostCores: cores, model: 'test', architecture: 'x64', instructionSets: [] },
  memory: { limitBytes: gib * GIB, hostBytes: gib * GIB },
});

describe('the tier of a machine', () => {
  it.each([
    ['a 1-core container with half a GiB', 1, 0.5, 'minimal'],
    ['exactly the bound of minimal', 4, 8, 'minimal'],
    ['more cores than memory', 64, 8, 'minimal'],
    ['more memory than cores', 4, 512, 'minimal'],
    ['one core above minimal', 5, 16, 'low'],
    ['a laptop sold with 16 GB that reports 15.5', 12, 15.5, 'low'],
    ['a limit a little above 16', 12, 16.4, 'low'],
    ['a limit clearly above 16', 12, 17, 'medium'],
    ['a desktop of 16 cores and 32 GB', 16, 31.3, 'medium'],
    ['a server of 32 cores and 64 GB', 32, 62.7, 'high'],
    ['a 33rd core without more memory', 33, 64, 'high'],
    ['above every bound', 64, 256, 'extreme'],
  ])('%s: %d cores, %d GiB is %s', (_, cores, gib, tier) => {
    expect(tierOf(machine(cores, gib))).toBe(tier);
  });
});

describe('the profile that is applied', () => {
  it('is the tier of the machine for auto', () => {
    expect(resolveProfile('auto', machine(32, 64))).toBe('high');
  });

  it.each(['minimal', 'desktop', 'server', 'h100', 'extreme'] as const)('stays %s where it was named', (profile) => {
    expect(resolveProfile(profile, machine(2, 2))).toBe(profile);
  });
});
