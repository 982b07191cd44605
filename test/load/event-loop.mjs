// How long the server's event loop is kept from its work while requests of 1,000 texts of 256 tokens each arrive.
import { setTimeout as delay } from 'node:timers/promises';
import { Corpus } from './corpus/corpus.mjs';
import { percentile, timeWeightedPercentile } from './report/statistics.mjs';
import { eventLoopP99 } from './server/prometheus.mjs';
import { ask, PRELOAD } from './server/preload.mjs';
import { serverUnderLoad } from './server-under-load.mjs';

const USAGE = `node test/load/event-loop.mjs [--graph fp32|int8] [--seconds 20] [--every-ms 500] [--within 20]

A request arrives every so often; its caller hangs up after two intervals, as the sessions could not keep up. Exits 1
when the 99th percentile of the delay (as /v1/metrics reports it, less the 10 ms between two looks) is above --within
milliseconds.`;

const defaults = { seconds: '20', 'every-ms': '500', within: '20' };
await serverUnderLoad(USAGE, defaults, PRELOAD, async ({ target, options }) => {
  const corpus = new Corpus('long', 1);
  const every = Number(options['every-ms']);
  const count = Math.ceil((Number(options.seconds) * 1000) / every);
  const bodies = Array.from({ length: count }, () => target.request.body(corpus.take(1000)));
  // The gauge starts anew whenever it is read.
  await target.metrics();
  await ask(target.server, { task: 'start-delays' });
  const answers = [];
  for (const body of bodies) {
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(2 * every);
    answers.push(
      fetch(target.url + target.request.path, { method: 'POST', headers, body, signal }).catch(() => undefined),
    );
    await delay(every);
  }
  const delays = await ask(target.server, { task: 'stop-delays' });
  const reported = eventLoopP99(await target.metrics());
  await Promise.all(answers);
  delays.sort((a, b) => a - b);
  console.log(
    `${count} requests of 1,000 texts of 256 tokens, one every ${every} ms (${options.graph}): event loop delay p99 ` +
      `${reported.toFixed(1)} ms by Node's histogram; sampled every 2 ms: p50 ${percentile(delays, 0.5).toFixed(1)}, p99 ` +
      `${percentile(delays, 0.99).toFixed(1)}, p99 of the time ${timeWeightedPercentile(delays, 0.99).toFixed(1)}, max ` +
      `${delays.at(-1).toFixed(1)} ms`,
  );
  return reported <= Number(options.within);
});
