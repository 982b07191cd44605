// One bare session in a worker thread: no scheduler, no pooling, nothing of the engine.
import { parentPort, workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';

const { graph, threads } = workerData;
const session = await ort.InferenceSession.create(graph, {
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
});
const needsTypes = session.inputNames.includes('token_type_ids');

/** @param {{ ids: Int32Array, starts: Int32Array, lengths: Int32Array }} texts in shared memory */
function feeds(texts, rows) {
  let longest = 0;
  for (const row of rows) longest = Math.max(longest, texts.lengths[row]);
  const ids = new BigInt64Array(rows.length * longest);
  const mask = new BigInt64Array(ids.length);
  const idWords = new Int32Array(ids.buffer);
  const maskWords = new Int32Array(mask.buffer);
  rows.forEach((row, line) => {
    const start = texts.starts[row];
    for (let t = 0, word = line * longest * 2; t < texts.lengths[row]; t++, word += 2) {
      idWords[word] = texts.ids[start + t];
      maskWords[word] = 1;
    }
  });
  const shape = [rows.length, longest];
  const tensor = (data) => new ort.Tensor('int64', data, shape);
  return {
    input_ids: tensor(ids),
    attention_mask: tensor(mask),
    ...(needsTypes && { token_type_ids: tensor(new BigInt64Array(ids.length)) }),
  };
}

const tasks = {
  /** Batches from a shared counter until the time is over; counts real tokens, padding not. */
  async throughput({ texts, batches, counter, seconds }) {
    const next = new Int32Array(counter);
    const startedAt = performance.now();
    const till = startedAt + seconds * 1000;
    let tokens = 0;
    while (performance.now() < till) {
      const rows = batches[Atomics.add(next, 0, 1) % batches.length];
      await session.run(feeds(texts, rows));
      for (const row of rows) tokens += texts.lengths[row];
    }
    return { perSecond: (tokens * 1000) / (performance.now() - startedAt), tokens };
  },

  /** Milliseconds of each text, run alone. */
  async latency({ texts, rows }) {
    const times = [];
    for (const row of rows) {
      const startedAt = performance.now();
      await session.run(feeds(texts, [row]));
      times.push(performance.now() - startedAt);
    }
    return { times };
  },
};

parentPort.on('message', async ({ task, ...argument }) => parentPort.postMessage(await tasks[task](argument)));
parentPort.postMessage('ready');
