import type { HardwareInventory, SessionOptions } from '@sutra-embedder/engine';
import type { Policy } from './policy';

/** A worker by itself: thread, runtime and arena; 90 to 150 MB were measured for an idle one with a small encoder. */
const WORKER_BYTES = 150e6;
/** Weights kept in fp16 on disk become fp32 in memory. */
const WEIGHTS_FACTOR = 2;
/** Taken where the model's size is not known: a small encoder, two sessions of which took about 500 MB under load. */
const UNKNOWN_SESSION_BYTES = 256e6;

/**
 * Sessions of one thread each, one for each core that the profile grants: under load they do more than one session of
 * as many threads (a third more in int8, as much in fp32). Where memory does not hold so many, the fewer sessions share
 * the cores as threads. A backend that says how many sessions do any good gets no more of them, of one thread each.
 */
export function cpuSessions(
  { cpu, memory }: Pick<HardwareInventory, 'cpu' | 'memory'>,
  policy: Policy,
  modelBytes?: number,
  mostSessions?: number,
): SessionOptions {
  const cores = policy.cores(cpu.cores);
  const needBytes = modelBytes === undefined ? UNKNOWN_SESSION_BYTES : WORKER_BYTES + WEIGHTS_FACTOR * modelBytes;
  const held = Math.floor((memory.limitBytes * policy.memory) / needBytes);
  const sessions = Math.max(1, Math.min(cores, held));
  if (mostSessions !== undefined) return { sessions: Math.min(sessions, mostSessions), threads: 1 };
  return { sessions, threads: Math.max(1, Math.floor(cores / sessions)) };
}
