import { interleavedRatio, spread } from '../report/statistics.mjs';
import { cpuSplit, threadCpu } from '../server/process-stat.mjs';

/** @typedef {{ pid: number, ask: (texts: string[]) => Promise<void> }} Side a server's process, and how it is asked */

/**
 * CPU seconds that a server takes to answer all of the requests.
 * @param {Side} side @param {string[][]} requests the texts of each @param {number} concurrency requests at a time
 */
export async function cpuOf({ pid, ask }, requests, concurrency) {
  const before = threadCpu(pid);
  let next = 0;
  const caller = async () => {
    while (next < requests.length) await ask(requests[next++]);
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return cpuSplit(pid, before, threadCpu(pid));
}

/**
 * Asks two sides the same in turns, each turn of the first between two of the second.
 * @param {[string, Side]} measured @param {[string, Side]} reference
 * @param {{ requests: string[][], turns: number, concurrency: number }} load
 * @returns {Promise<{ ratio: number, line: string }[]>} of the whole server, and of its main thread
 */
export async function compareCost([name, measured], [other, reference], { requests, turns, concurrency }) {
  const references = [await cpuOf(reference, requests, concurrency)];
  const runs = [];
  for (let turn = 0; turn < turns; turn++) {
    runs.push(await cpuOf(measured, requests, concurrency));
    references.push(await cpuOf(reference, requests, concurrency));
  }
  return [
    ['whole server', 'total'],
    ['main thread', 'main'],
  ].map(([part, key]) => {
    const of = (splits) => splits.map((split) => (split[key] * 1e6) / requests.length);
    const { median, low, high } = interleavedRatio(of(runs), of(references));
    const line =
      `${part}, CPU a request: ${name} ${spread(of(runs))}, ${other} ${spread(of(references))}; ` +
      `ratio ${median.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}, ${turns} turns)`;
    return { ratio: median, line };
  });
}
