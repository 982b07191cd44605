/**
 * What is wrong with a value that a probe returned as its ProbeReport, in words that follow "its report", or null where
 * nothing is. Probes come from plugins: their types do not hold at run time, and one NaN here would size every session.
 */
export function probeReportProblem(report: unknown): string | null {
  if (!isObject(report)) return 'is not an object';
  const { platform, cpu, memory, accelerators, reason } = report;
  if (platform !== undefined && !isText(platform)) return 'has a platform that is not a text';
  if (reason !== undefined && !isText(reason)) return 'has a reason that is not a sentence';
  if (accelerators !== undefined && !Array.isArray(accelerators)) return 'has accelerators that are not a list';
  const found = [platform, cpu, memory].some((part) => part !== undefined) || (accelerators?.length ?? 0) > 0;
  if (!found && reason === undefined) return 'says nothing: without a finding it must give a reason';
  return (
    (cpu === undefined ? null : cpuProblem(cpu)) ??
    (memory === undefined ? null : memoryProblem(memory)) ??
    acceleratorsProblem(accelerators ?? [])
  );
}

function cpuProblem(cpu: unknown): string | null {
  if (!isObject(cpu)) return 'has a cpu that is not an object';
  if (!isText(cpu['model'])) return 'has a cpu.model that is not a text';
  if (!isText(cpu['architecture'])) return 'has a cpu.architecture that is not a text';
  if (!isCount(cpu['cores'], 1)) return 'has cpu.cores that are not an integer of at least 1';
  if (!isCount(cpu['hostCores'], cpu['cores']))
    return 'has cpu.hostCores that are not an integer of at least cpu.cores';
  const sets: unknown = cpu['instructionSets'];
  if (!Array.isArray(sets) || !sets.every((name) => isText(name) && name === name.toLowerCase())) {
    return 'has cpu.instructionSets that are not a list of lower-case names';
  }
  return null;
}

function memoryProblem(memory: unknown): string | null {
  if (!isObject(memory)) return 'has a memory that is not an object';
  const { limitBytes, hostBytes } = memory;
  if (!isCount(limitBytes, 1)) return 'has a memory.limitBytes that is not an integer of at least 1';
  if (!isCount(hostBytes, limitBytes)) return 'has a memory.hostBytes that is not an integer of at least limitBytes';
  return null;
}

function acceleratorsProblem(accelerators: readonly unknown[]): string | null {
  const seen = new Set<string>();
  for (const [position, accelerator] of accelerators.entries()) {
    const problem = acceleratorProblem(accelerator);
    if (problem !== null) return `has accelerators[${position}]${problem}`;
    const { vendor, index } = accelerator as { vendor: string; index: number };
    const key = `${vendor} ${index}`;
    if (seen.has(key)) return `has two accelerators with the same vendor and index (${key})`;
    seen.add(key);
  }
  return null;
}

function acceleratorProblem(accelerator: unknown): string | null {
  if (!isObject(accelerator)) return ' that is not an object';
  const { vendor, name, index, memoryBytes, freeMemoryBytes, utilization, driver, computeCapability } = accelerator;
  if (!isText(vendor) || !isText(name)) return ' whose vendor or name is not a text';
  if (!isCount(index, 0)) return '.index that is not an integer of at least 0';
  if (memoryBytes !== null && !isCount(memoryBytes, 0))
    return '.memoryBytes that is neither null nor a number of bytes';
  if (freeMemoryBytes !== null && !isCount(freeMemoryBytes, 0)) {
    return '.freeMemoryBytes that is neither null nor a number of bytes';
  }
  if (memoryBytes !== null && freeMemoryBytes !== null && freeMemoryBytes > memoryBytes) {
    return '.freeMemoryBytes above its memoryBytes';
  }
  if (utilization !== null && !(typeof utilization === 'number' && utilization >= 0 && utilization <= 1)) {
    return '.utilization that is neither null nor from 0 to 1';
  }
  if (driver !== null && !isText(driver)) return '.driver that is neither null nor a text';
  if (computeCapability !== undefined && !(typeof computeCapability === 'number' && computeCapability > 0)) {
    return '.computeCapability that is not a positive number';
  }
  return null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function isCount(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}
