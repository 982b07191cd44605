import type { Accelerator, CpuInfo } from '@sutra-embedder/engine';

/** What a requirement of an artifact may name besides an instruction set, by architecture: any of the listed fulfils it. */
const CPU_FEATURES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  /**
   * 8-bit dot products that add up in 32 bits. x86 without them multiplies u8 by s8 into 16-bit sums that saturate:
   * wrong numbers without an error.
   */
  int8_dot: { x64: ['avx512_vnni', 'avx_vnni', 'amx_int8'], arm64: ['asimddp', 'i8mm'] },
};

/** Tensor cores, and with them an fp16 that is worth having, came with compute capability 7.0 (Volta). */
const FP16_COMPUTE_CAPABILITY = 7;

/** Why this CPU does not fulfil a requirement, in words that follow "needs ..., "; null where it does. */
export function unmetOnCpu(requirement: string, cpu: CpuInfo): string | null {
  const any = CPU_FEATURES[requirement]?.[cpu.architecture] ?? [requirement];
  if (any.some((name) => cpu.instructionSets.includes(name))) return null;
  if (CPU_FEATURES[requirement] === undefined) return 'which this CPU does not have';
  if (CPU_FEATURES[requirement][cpu.architecture] === undefined) return `which no ${cpu.architecture} CPU is known for`;
  return `which this CPU does not have (any of ${any.join(', ')})`;
}

/** Whether the device computes in fp16 faster than in fp32. Where the driver does not tell, it is not assumed. */
export function computesFp16({ vendor, computeCapability }: Accelerator): boolean {
  if (vendor === 'nvidia') return (computeCapability ?? 0) >= FP16_COMPUTE_CAPABILITY;
  return vendor === 'apple' || vendor === 'amd';
}
