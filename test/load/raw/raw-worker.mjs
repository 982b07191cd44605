// One bare session in a worker thread: no scheduler, no pooling, nothing of the engine but how ids become tensors.
import { parentPort, workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import { isRagged, padded, ragged } from '../../../libs/backends/dist/onnx/inputs.js';

const { graph, threads } = workerData;
const session = await ort.InferenceSession.create(graph, {
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
});
const layout = isRagged(session.inputNames) ? ragged : padded;

/** @param {{ ids: Int32Array, starts: Int32Array, lengths: Int32Array }} texts in shared memory */
function feeds(texts, rows) {
  const lengths = Int32Array.from(rows, (row) => texts.lengths[row]);
  const ids = new Int32Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    ids.set(texts.ids.subarray(texts.starts[row], texts.starts[row] + texts.lengths[row]), at);
    at += texts.lengths[row];
  }
  const { inputs } = layout(ids, lengths, { padTokenId: 0, positionOffset: 0 });
  const tensor = ({ words, shape }) => new ort.Tensor('int64', new BigInt64Array(words.buffer), shape);
  return Object.fromEntries(session.inputNames.map((name) => [name, tensor(inputs[name])]));
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
