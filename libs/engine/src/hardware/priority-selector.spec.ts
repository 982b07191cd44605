import type { Candidate } from '../contracts';
import { mergeReports } from './take-inventory';
import { PrioritySelector } from './priority-selector';

const inventory = mergeReports([
  ['cpu', { cpu: { model: 'x', architecture: 'x64', cores: 3, hostCores: 8, instructionSets: [] } }],
]);
const candidate = (backend: string, priority: number, artifact = 'fp32'): Candidate => ({
  backend,
  device: 'cpu',
  priority,
  artifact,
  precision: 'fp32',
  requires: [],
});

describe('PrioritySelector', () => {
  it('ranks by priority, keeps the order of equals, rejects nothing, and says how it chose', () => {
    const candidates = [candidate('a', 1), candidate('b', 5), candidate('c', 5, 'int8'), candidate('d', -1)];
    const { choices, rejected, notes } = new PrioritySelector().rank(inventory, 'auto', candidates);
    expect(choices.map(({ backend, artifact }) => `${backend}/${artifact}`)).toEqual([
      'b/fp32',
      'c/int8',
      'a/fp32',
      'd/fp32',
    ]);
    for (const { options, reason } of choices) {
      expect(options).toEqual({ threads: 1, sessions: 3 });
      expect(reason).toContain('priority alone');
    }
    expect(rejected).toEqual([]);
    expect(notes).toEqual([]);
    expect(candidates.map(({ backend }) => backend)).toEqual(['a', 'b', 'c', 'd']);
  });

  it.each([
    ['auto', 'medium'],
    ['server', 'server'],
    ['h100', 'h100'],
  ] as const)('applies the profile %s as %s', (asked, applied) => {
    expect(new PrioritySelector().rank(inventory, asked, []).profile).toBe(applied);
  });
});
