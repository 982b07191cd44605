import { availableParallelism, cpus, totalmem } from 'node:os';
import type { HardwareInventory, HardwareProbe, ProbeReport } from '../contracts';
import { errorMessage, PluginError } from '../errors';
import type { Registered } from '../plugins/strategy-registry';

const PROBE_TIMEOUT_MS = 5_000;

/**
 * Asks every probe, all side by side, and puts their reports together. Where no probe tells, Node's own figures stand.
 * @throws PluginError when a probe throws, which its contract forbids
 */
export async function takeInventory(probes: readonly Registered<HardwareProbe>[]): Promise<HardwareInventory> {
  const reports = await Promise.all(
    probes.map(async ({ strategy, plugin }) => [strategy.id, await ask(strategy, plugin)] as const),
  );
  return mergeReports(reports);
}

/** Later reports win, accelerators add up. Pure but for Node's figures of the machine. */
export function mergeReports(reports: readonly (readonly [string, ProbeReport])[]): HardwareInventory {
  const cores = availableParallelism();
  let inventory: HardwareInventory = {
    platform: process.platform,
    cpu: {
      model: cpus()[0]?.model ?? 'unknown',
      architecture: process.arch,
      cores,
      hostCores: cores,
      instructionSets: [],
    },
    memory: { limitBytes: totalmem(), hostBytes: totalmem() },
    accelerators: [],
    reasons: {},
  };
  for (const [id, { reason, accelerators = [], ...found }] of reports) {
    inventory = {
      ...inventory,
      ...found,
      accelerators: [...inventory.accelerators, ...accelerators],
      reasons: reason === undefined ? inventory.reasons : { ...inventory.reasons, [id]: reason },
    };
  }
  return Object.freeze(inventory);
}

async function ask(probe: HardwareProbe, plugin: string): Promise<ProbeReport> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<ProbeReport>((resolve) => {
    timer = setTimeout(() => resolve({ reason: `did not answer within ${PROBE_TIMEOUT_MS} ms` }), PROBE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([Promise.resolve().then(() => probe.probe()), limit]);
  } catch (error) {
    throw new PluginError(
      plugin,
      `the probe "${probe.id}" threw: ${errorMessage(error)}. A probe reports a reason instead of throwing; fix the plugin, or take it out of SUTRA_PLUGINS`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}
