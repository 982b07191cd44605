import type { PresetReport, SystemReport } from '@sutra-embedder/engine';

const GIB = 2 ** 30;

/** A system report for a person to read. */
export function formatReport({ engine, inventory, plugins, strategies, presets, outages }: SystemReport): string {
  const { cpu, memory, accelerators, reasons } = inventory;
  const lines = [
    `Sutra-Embedder ${engine} on ${inventory.platform} ${cpu.architecture}`,
    '',
    'Machine',
    `  CPU      ${cpu.model}: ${cpu.cores} of ${cpu.hostCores} cores may be used`,
    `  sets     ${cpu.instructionSets.filter((name) => /^(avx|amx|asimd|sve|i8mm)/.test(name)).join(' ') || 'none known'}`,
    `  memory   ${(memory.limitBytes / GIB).toFixed(1)} of ${(memory.hostBytes / GIB).toFixed(1)} GiB may be used`,
    ...(accelerators.length === 0
      ? ['  GPU      none']
      : accelerators.map(({ vendor, name }) => `  GPU      ${vendor} ${name}`)),
    ...Object.entries(reasons).map(([probe, reason]) => `  ${probe}: ${reason}`),
    '',
    'Plugins',
    ...plugins.map(({ name, version }) => `  ${name} ${version}`),
    '',
    'Strategies, best first',
    ...Object.entries(strategies).map(
      ([kind, list]) => `  ${kind.padEnd(9)} ${list.map(({ id }) => id).join(', ') || 'none'}`,
    ),
    '',
    'Presets',
    ...presets.flatMap(formatPreset),
    ...outages.map(({ model, backend, reason }) => `  ${backend} is left alone for ${model}: ${reason}`),
  ];
  return `${lines.join('\n')}\n`;
}

function formatPreset({ preset, model, profile, running, rejected, notes, error }: PresetReport): string[] {
  if (error) return [`  ${preset}: ${error.code}: ${error.message}`];
  const { sessions, threads } = running?.options ?? {};
  return [
    running
      ? `  ${preset}: ${model} on ${running.backend} in ${running.precision}, ${sessions} session(s) of ${threads} thread(s), profile ${profile}`
      : `  ${preset}: ${model} cannot run`,
    ...(running ? [`    because ${running.reason}`] : []),
    ...rejected.map(({ id, reason }) => `    not ${id}: ${reason}`),
    ...notes.map((note) => `    note: ${note}`),
  ];
}
