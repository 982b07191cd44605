// The raw limit runs in a process of its own, as the server does. Forked by RawLimit; answers each message in turn.
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { percentile } from '../report/statistics.mjs';
import { sortedBatches } from './batches.mjs';

/** One pool a configuration: `workers` sessions of `threads` threads each. Idle pools cost memory, no time. */
const pools = new Map();
const workloads = new Map();

const commands = {
  /** @param {{ graph: string, workers: number, threads: number }} configuration */
  async open({ pool, graph, workers, threads }) {
    const opened = Array.from({ length: workers }, () => {
      const workerData = { graph, threads };
      return new Worker(new URL('./raw-worker.mjs', import.meta.url), { workerData });
    });
    await Promise.all(opened.map((worker) => answer(worker)));
    pools.set(pool, opened);
  },

  async throughput({ pool, texts: file, budget, seconds }) {
    const workers = pools.get(pool);
    const { batches, counter } = batchesOf(file, budget);
    const { texts } = workload(file);
    const cpuBefore = process.cpuUsage();
    const results = await Promise.all(
      workers.map((worker) => ask(worker, { task: 'throughput', texts, batches, counter, seconds })),
    );
    const { user, system } = process.cpuUsage(cpuBefore);
    const tokens = results.reduce((sum, result) => sum + result.tokens, 0);
    return {
      tokensPerSecond: results.reduce((sum, { perSecond }) => sum + perSecond, 0),
      cpuMicrosPerToken: (user + system) / tokens,
    };
  },

  async latency({ pool, texts: file, count }) {
    const { texts } = workload(file);
    const [worker] = pools.get(pool);
    const rows = Array.from({ length: count }, (_, i) => i % texts.lengths.length);
    const { times } = await ask(worker, { task: 'latency', texts, rows });
    // The first quarter warms up.
    const sorted = times.slice(count >> 2).sort((a, b) => a - b);
    return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
  },

  async close({ pool }) {
    await Promise.all((pools.get(pool) ?? []).map((worker) => worker.terminate()));
    pools.delete(pool);
  },
};

process.on('message', async ({ id, command, ...argument }) => {
  try {
    process.send({ id, result: (await commands[command](argument)) ?? null });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});
process.on('disconnect', () => process.exit());

/** Ids of all texts in shared memory: [count, lengths..., ids...] as int32 in the file. */
function workload(file) {
  if (!workloads.has(file)) {
    const bytes = readFileSync(file);
    const numbers = new Int32Array(new SharedArrayBuffer(bytes.length));
    Buffer.from(numbers.buffer).set(bytes);
    const count = numbers[0];
    const lengths = numbers.subarray(1, 1 + count);
    const starts = new Int32Array(new SharedArrayBuffer(count * 4));
    for (let i = 1; i < count; i++) starts[i] = starts[i - 1] + lengths[i - 1];
    workloads.set(file, { texts: { lengths, starts, ids: numbers.subarray(1 + count) }, byBudget: new Map() });
  }
  return workloads.get(file);
}

/** The counter goes on from round to round, so that each round takes other texts. */
function batchesOf(file, budget) {
  const { texts, byBudget } = workload(file);
  if (!byBudget.has(budget)) {
    byBudget.set(budget, { batches: sortedBatches(texts.lengths, budget), counter: new SharedArrayBuffer(4) });
  }
  return byBudget.get(budget);
}

function ask(worker, message) {
  worker.postMessage(message);
  return answer(worker);
}

function answer(worker) {
  return new Promise((resolve, reject) => {
    const settle = (finish) => (value) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      finish(value);
    };
    const onMessage = settle(resolve);
    const onError = settle(reject);
    const onExit = settle((code) => reject(new Error(`A raw worker exited with code ${code}`)));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}
