import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Accelerator, CpuInfo, HardwareInventory, HardwareProbe, MemoryInfo, ProbeReport } from '../contracts';
import { errorMessage, PluginError } from '../errors';
import type { Registered } from '../plugins/strategy-registry';
import { probeReportProblem } from './probe-report';

/** A GPU's driver may have to initialize first, which takes seconds. */
const PROBE_TIMEOUT_MS = 15_000;

/**
 * Asks every probe, all side by side, and puts their reports together. Where no probe tells, Node's own figures stand.
 * @param probes highest priority first, as the registry lists them
 * @param timeLimitMs longest that one probe may take; one that takes longer counts as having found nothing
 * @throws PluginError when a probe throws or its report is malformed, which its contract forbids
 */
export async function takeInventory(
  probes: readonly Registered<HardwareProbe>[],
  timeLimitMs = PROBE_TIMEOUT_MS,
): Promise<HardwareInventory> {
  const reports = await Promise.all(
    probes.map(async ({ strategy, plugin }) => [strategy.id, await ask(strategy, plugin, timeLimitMs)] as const),
  );
  return mergeReports(reports);
}

/**
 * Where two reports tell of the same part, or of an accelerator of the same vendor and index, the earlier counts;
 * accelerators add up. Pure but for Node's figures of the machine.
 */
export function mergeReports(reports: readonly (readonly [string, ProbeReport])[]): HardwareInventory {
  const found = reports.map(([, report]) => report);
  const accelerators = new Map<string, Accelerator>();
  for (const accelerator of found.flatMap((report) => report.accelerators ?? [])) {
    const key = `${accelerator.vendor} ${accelerator.index}`;
    if (!accelerators.has(key)) accelerators.set(key, accelerator);
  }
  return Object.freeze({
    platform: found.find(({ platform }) => platform !== undefined)?.platform ?? process.platform,
    cpu: found.find(({ cpu }) => cpu !== undefined)?.cpu ?? nodesCpu(),
    memory: found.find(({ memory }) => memory !== undefined)?.memory ?? nodesMemory(),
    accelerators: Object.freeze([...accelerators.values()]),
    reasons: Object.freeze(
      Object.fromEntries(reports.flatMap(([id, { reason }]) => (reason === undefined ? [] : [[id, reason]]))),
    ),
  });
}

function nodesCpu(): CpuInfo {
  const cores = availableParallelism();
  const model = cpus()[0]?.model.trim() || 'unknown';
  return { model, architecture: process.arch, cores, hostCores: cores, instructionSets: [] };
}

function nodesMemory(): MemoryInfo {
  return { limitBytes: totalmem(), hostBytes: totalmem() };
}

async function ask(probe: HardwareProbe, plugin: string, timeLimitMs: number): Promise<ProbeReport> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<ProbeReport>((resolve) => {
    timer = setTimeout(() => resolve({ reason: `did not answer within ${timeLimitMs} ms` }), timeLimitMs);
  });
  let report: ProbeReport;
  try {
    report = await Promise.race([Promise.resolve().then(() => probe.probe()), limit]);
  } catch (error) {
    throw new PluginError(
      plugin,
      `the probe "${probe.id}" threw: ${errorMessage(error)}. A probe reports a reason instead of throwing; fix the plugin, or take it out of SUTRA_PLUGINS`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
  const problem = probeReportProblem(report);
  if (problem === null) return report;
  throw new PluginError(
    plugin,
    `the report of the probe "${probe.id}" ${problem}; fix the plugin, or take it out of SUTRA_PLUGINS`,
  );
}
