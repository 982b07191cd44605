import type {
  AppliedProfile,
  Candidate,
  HardwareInventory,
  Precision,
  RankedChoice,
  Rejection,
  SelectionWishes,
  SessionOptions,
} from '@sutra-embedder/engine';
import { cpuSessions } from './cpu-sessions';
import { chooseDevice, gib, labelOf, vendorOf } from './device';
import { computesFp16, unmetOnCpu } from './features';
import type { Ranked } from './order';
import type { Policy } from './policy';
import { lesserDevice } from './wanted-device';

/** Everything that a decision about one candidate rests on. */
export interface SelectionRequest {
  readonly inventory: HardwareInventory;
  readonly applied: AppliedProfile;
  readonly policy: Policy;
  readonly wishes: SelectionWishes;
}

/** Fastest first. A CPU computes fp16 artifacts in fp32, so they only cost it conversions. */
const CPU_PRECISIONS: readonly Precision[] = ['int8', 'fp32', 'fp16'];
const FP16_PRECISIONS: readonly Precision[] = ['fp16', 'fp32', 'int8'];
const EXACT_PRECISIONS: readonly Precision[] = ['fp32', 'fp16', 'int8'];

/** Batches under way at once on another machine: a session there waits for the network, and costs nothing here. */
const REMOTE_SESSIONS = 4;

export const isRejection = (decision: Ranked | Rejection): decision is Rejection => !('choice' in decision);
export const isRanked = (decision: Ranked | Rejection): decision is Ranked => 'choice' in decision;

/** What to do with one candidate: session options and a reason, or the reason why not. */
export function decide(candidate: Candidate, request: SelectionRequest): Ranked | Rejection {
  const { applied, policy } = request;
  const { device, profiles } = candidate;
  const named = profiles?.includes(applied);
  if (named === false)
    return reject(candidate, `meant for ${profiles?.join(', ') || 'no profile'}, not for ${applied}`);
  if (device === 'cpu') return onCpu(candidate, request);
  if (device === 'remote') return onRemote(candidate);
  // A backend that names the profile knows better than the profile's default.
  if (!policy.accelerators && !named) return reject(candidate, `the profile ${applied} uses the CPU alone`);
  return onAccelerator(candidate, request);
}

function onCpu(candidate: Candidate, { inventory, policy }: SelectionRequest): Ranked | Rejection {
  const { cpu } = inventory;
  for (const requirement of candidate.requires) {
    const unmet = unmetOnCpu(requirement, cpu);
    if (unmet !== null) return reject(candidate, `needs ${requirement}, ${unmet}`);
  }
  const options = cpuSessions(inventory, policy, candidate.modelBytes, candidate.mostSessions);
  const precision = candidate.precision === 'int8' ? 'int8' : 'fp32';
  const reason =
    `${precision} on the CPU, ${count(cpu.cores, 'usable core')} of ${cpu.hostCores}: ` +
    `${count(options.sessions, 'session')} of ${count(options.threads, 'thread')}`;
  return accept(candidate, options, reason, CPU_PRECISIONS.indexOf(candidate.precision));
}

function onRemote(candidate: Candidate): Ranked {
  const reason = `${candidate.precision} on another machine; what that one has is not known here`;
  const options = { sessions: REMOTE_SESSIONS, threads: 1 };
  return accept(candidate, options, reason, EXACT_PRECISIONS.indexOf(candidate.precision));
}

function onAccelerator(candidate: Candidate, request: SelectionRequest): Ranked | Rejection {
  const { inventory, policy, wishes, applied } = request;
  const vendor = vendorOf(candidate.device);
  const chosen = chooseDevice(inventory, vendor, policy, candidate.modelBytes);
  if (!chosen.usable) return reject(candidate, chosen.reason);
  const { device, memoryLimitBytes, busy } = chosen;
  const label = labelOf(device);
  const able = computesFp16(device);
  const [requirement] = candidate.requires.filter((name) => !(name === 'fp16' && able));
  if (requirement !== undefined) {
    const what = requirement === 'int8_dot' ? '8-bit dot products of a CPU' : `which ${label} does not have`;
    return reject(candidate, `needs ${requirement}, ${what}`);
  }
  const fp16 = (wishes.fp16 ?? policy.fp16) && able && candidate.precision !== 'int8';
  // Core ML takes neither a device number nor a memory limit: the chip is one, its memory the CPU's own.
  const addressed = vendor !== 'apple';
  const options: SessionOptions = {
    sessions: 1,
    threads: 1,
    ...(addressed && { deviceId: device.index }),
    ...(addressed && memoryLimitBytes !== null && { memoryLimitBytes }),
    ...(fp16 && { fp16 }),
  };
  const limit = options.memoryLimitBytes === undefined ? '' : `, up to ${gib(options.memoryLimitBytes)}`;
  const state = busy === null ? 'idle enough' : `in use (${busy}), so below what is idle`;
  const reason = `${fp16 ? 'fp16' : candidate.precision} on ${label}${limit}; ${state}`;
  const order = fp16 ? FP16_PRECISIONS : EXACT_PRECISIONS;
  const ranked = accept(candidate, options, reason, order.indexOf(candidate.precision), lesserDevice(applied, device));
  return { ...ranked, busy: busy !== null };
}

function accept(
  candidate: Candidate,
  options: SessionOptions,
  reason: string,
  precisionRank: number,
  notes: readonly string[] = [],
): Ranked {
  const choice: RankedChoice = { backend: candidate.backend, artifact: candidate.artifact, options, reason, notes };
  return { candidate, busy: false, precisionRank, choice };
}

function reject({ backend, artifact }: Candidate, reason: string): Rejection {
  return { id: `${backend}/${artifact}`, reason };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
