import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second of /proc; 100 on every Linux that Node runs on. */
const TICKS = 100;

/**
 * Seconds of CPU of a process's threads so far. Linux only; elsewhere undefined.
 * @param {number} pid
 * @returns {Map<number, { name: string, seconds: number }> | undefined} by thread id
 */
export function threadCpu(pid) {
  let threads;
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return undefined;
  }
  const found = new Map();
  for (const thread of threads) {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      // The name stands in parentheses and may hold spaces; utime and stime are fields 14 and 15.
      const end = stat.lastIndexOf(')');
      const fields = stat.slice(end + 2).split(' ');
      const name = stat.slice(stat.indexOf('(') + 1, end);
      const ticks = Number(fields[11]) + Number(fields[12]);
      found.set(Number(thread), { name, seconds: exactSeconds(pid, thread) ?? ticks / TICKS });
    } catch {
      // The thread ended between the two reads.
    }
  }
  return found;
}

/** To the nanosecond, where the kernel tells. */
function exactSeconds(pid, thread) {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
  } catch {
    return undefined;
  }
}

/**
 * How the CPU time between two readings was shared.
 * @returns {{ main: number, sessions: number, other: number, total: number } | undefined} seconds. `sessions`: threads
 *   that took a twentieth of the whole or more; `other`: garbage collection, compilation, file access
 */
export function cpuSplit(pid, before, after) {
  if (!before || !after) return undefined;
  const used = [...after].map(([thread, { seconds }]) => [thread, seconds - (before.get(thread)?.seconds ?? 0)]);
  const total = used.reduce((sum, [, seconds]) => sum + seconds, 0);
  const split = { main: 0, sessions: 0, other: 0, total };
  for (const [thread, seconds] of used) {
    if (thread === pid) split.main += seconds;
    else if (seconds >= total / 20) split.sessions += seconds;
    else split.other += seconds;
  }
  return split;
}

/** Bytes of memory that a process holds, now and at most. @param {number} pid */
export function residentBytes(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const read = (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN) * 1024;
    return { now: read('VmRSS'), peak: read('VmHWM') };
  } catch {
    return undefined;
  }
}

/** Seconds of CPU that the whole machine has spent at work so far; undefined elsewhere than on Linux. */
export function machineBusySeconds() {
  try {
    const [user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8')
      .split('\n')[0]
      .trim()
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return (user + nice + system + irq + softirq + steal) / TICKS;
  } catch {
    return undefined;
  }
}
