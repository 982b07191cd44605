// How long GET /v1/health takes while requests of 1,000 texts run, four at a time.
import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Corpus } from './corpus/corpus.mjs';
import { drive } from './drive/drive.mjs';
import { percentile } from './report/statistics.mjs';
import { serverUnderLoad } from './server-under-load.mjs';

const USAGE = `node test/load/health-latency.mjs [--graph fp32|int8] [--mix short|mixed|long] [--seconds 20] [--within 50]

Exits 1 when the 99th percentile is above --within milliseconds.`;
const INTERVAL_MS = 10;

await serverUnderLoad(USAGE, { mix: 'short', seconds: '20', within: '50' }, [], async ({ target, folder, options }) => {
  const corpus = new Corpus(options.mix, 1);
  const seconds = Number(options.seconds);
  // More than can be answered: the run ends by time.
  const bodies = Array.from({ length: 4 + Math.ceil(seconds * 3) }, () => target.request.body(corpus.take(1000)));
  let loaded = true;
  const load = { url: target.url, path: target.request.path, bodies, connections: 4, warm: 1, measured: seconds };
  const running = drive(load, folder).finally(() => (loaded = false));
  await delay(1000);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  while (loaded) {
    times.push(await timeOf(`${target.url}/v1/health`, agent));
    await delay(INTERVAL_MS);
  }
  agent.destroy();
  const { perSecond } = await running;
  times.sort((a, b) => a - b);
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile(times, share));
  console.log(
    `GET /v1/health, ${times.length} times beside 4 requests of 1,000 ${options.mix} texts (${options.graph}, ` +
      `${(perSecond * 1000).toFixed(0)} texts/s): p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, max ${max.toFixed(1)} ms`,
  );
  return p99 <= Number(options.within);
});

/** Milliseconds to the end of the answer. */
function timeOf(url, agent) {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => {
      answer.resume().on('end', () => resolve(performance.now() - startedAt));
    }).on('error', reject);
  });
}
