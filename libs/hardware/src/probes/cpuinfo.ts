/** Arm's names for the `CPU part` numbers of implementer 0x41; the kernel prints only the number. */
const ARM_PARTS: Readonly<Record<string, string>> = {
  '0xd03': 'Cortex-A53',
  '0xd05': 'Cortex-A55',
  '0xd08': 'Cortex-A72',
  '0xd0b': 'Cortex-A76',
  '0xd0c': 'Neoverse-N1',
  '0xd40': 'Neoverse-V1',
  '0xd49': 'Neoverse-N2',
  '0xd4f': 'Neoverse-V2',
};

/** All values of a key of /proc/cpuinfo, one for each processor that states it. */
function values(cpuinfo: string, key: string): string[] {
  return [...cpuinfo.matchAll(new RegExp(`^${key}[ \\t]*:[ \\t]*(.*)$`, 'gm'))].map((match) => match[1]?.trim() ?? '');
}

/** The CPU's name from /proc/cpuinfo: x86 prints one, Arm prints a board or part numbers; null where neither is known. */
export function parseCpuModel(cpuinfo: string): string | null {
  const name = values(cpuinfo, 'model name')[0];
  if (name) return name;
  const part = ARM_PARTS[values(cpuinfo, 'CPU part')[0] ?? ''];
  const core = part && values(cpuinfo, 'CPU implementer')[0] === '0x41' ? part : null;
  const board = values(cpuinfo, 'Model')[0];
  if (board && core) return `${board} (${core})`;
  return board || core;
}

/**
 * Instruction sets from /proc/cpuinfo: `flags` on x86, `Features` on Arm. Only what every processor has: a thread may
 * be moved to any of them.
 */
export function parseInstructionSets(cpuinfo: string): string[] {
  const [first, ...others] = [...values(cpuinfo, 'flags'), ...values(cpuinfo, 'Features')].map(words);
  return [...(first ?? [])].filter((feature) => others.every((other) => other.has(feature)));
}

/** Number of CPUs in a kernel list such as `0-3,8,10-11`; null where the text is none. */
export function parseCpuList(list: string): number | null {
  const ranges = list.trim().split(',');
  let count = 0;
  for (const range of ranges) {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (first === undefined) return null;
    count += Number(last ?? first) - Number(first) + 1;
  }
  return count > 0 ? count : null;
}

/** CPUs the scheduler may run this process on, from /proc/self/status. A cpuset is part of it: the kernel intersects. */
export function parseAllowedCpus(status: string): number | null {
  return parseCpuList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '');
}

function words(text: string): Set<string> {
  return new Set(text.toLowerCase().split(/\s+/).filter(Boolean));
}
