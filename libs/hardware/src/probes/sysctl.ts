/** macOS names of Arm features with Linux's names for the same. */
const ARM_FEATURES: Readonly<Record<string, string>> = {
  AdvSIMD: 'asimd',
  neon: 'asimd',
  FEAT_FP16: 'asimdhp',
  FEAT_DotProd: 'asimddp',
  FEAT_I8MM: 'i8mm',
  FEAT_BF16: 'bf16',
  FEAT_SME: 'sme',
  FEAT_SME2: 'sme2',
};

/** macOS names of x86 features whose lower case is not Linux's name. */
const X86_FEATURES: Readonly<Record<string, string>> = {
  'avx1.0': 'avx',
  'sse4.1': 'sse4_1',
  'sse4.2': 'sse4_2',
  avx512vnni: 'avx512_vnni',
  avx512bf16: 'avx512_bf16',
  avxvnni: 'avx_vnni',
  'amx-int8': 'amx_int8',
};

/** Instruction sets from `sysctl machdep.cpu hw.optional`, as Linux spells them. */
export function parseSysctlFeatures(output: string): string[] {
  const found = new Set<string>();
  for (const line of output.split('\n')) {
    const [, key, value] = /^([\w.]+): (.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    if (/^machdep\.cpu\.(leaf7_|ext)?features$/.test(key)) {
      for (const word of value.toLowerCase().split(/\s+/).filter(Boolean)) found.add(X86_FEATURES[word] ?? word);
    }
    const arm = ARM_FEATURES[key.split('.').at(-1) ?? ''];
    if (key.startsWith('hw.optional.') && value.trim() === '1' && arm !== undefined) found.add(arm);
  }
  return [...found];
}
