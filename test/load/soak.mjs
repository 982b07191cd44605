// Whether the server's memory grows under a long mixed load.
import { clearInterval, setInterval } from 'node:timers';
import { Corpus } from './corpus/corpus.mjs';
import { drive } from './drive/drive.mjs';
import { median } from './report/statistics.mjs';
import { residentBytes } from './server/process-stat.mjs';
import { serverUnderLoad } from './server-under-load.mjs';

const USAGE = `node test/load/soak.mjs [--graph fp32|int8] [--minutes 10] [--slice 20] [--within 5]

Slices of --slice seconds of single texts on 32 connections, of 32 texts on 4, and of 256 texts on 2, in turns. The
resident memory of the last tenth of the time is held against that of the second tenth, after everything was touched
once. Exits 1 when it is above --within percent more, or when a request fails otherwise than by the queue's limit.`;
const SHAPES = [
  { connections: 32, texts: 1 },
  { connections: 4, texts: 32 },
  { connections: 2, texts: 256 },
];
const SAMPLE_MS = 1000;

const defaults = { minutes: '10', slice: '20', within: '5' };
await serverUnderLoad(USAGE, defaults, [], async ({ target, folder, options }) => {
  const corpus = new Corpus('mixed', 1);
  const till = performance.now() + Number(options.minutes) * 60_000;
  const samples = [];
  const timer = setInterval(() => samples.push(residentBytes(target.pid).now), SAMPLE_MS);
  let perSecond = 50;
  let texts = 0;
  let refused = 0;
  let failed = 0;
  for (let i = 0; performance.now() < till; i++) {
    const { connections, texts: size } = SHAPES[i % SHAPES.length];
    const measured = Number(options.slice);
    const count = Math.ceil((perSecond * measured * 2) / size) + connections * 2;
    const bodies = Array.from({ length: count }, () => target.request.body(corpus.take(size)));
    const load = { url: target.url, path: target.request.path, bodies, connections, warm: 1, measured };
    const result = await drive(load, folder);
    if (result.perSecond > 0) perSecond = result.perSecond * size;
    texts += result.requests * size;
    refused += result.refused;
    failed += result.broken;
  }
  clearInterval(timer);
  const tenth = Math.floor(samples.length / 10);
  const before = median(samples.slice(tenth, 2 * tenth));
  const after = median(samples.slice(-tenth));
  const growth = (after / before - 1) * 100;
  console.log(
    `${options.minutes} minutes (${options.graph}), ${texts} texts, ${refused} refused and ${failed} failed requests: RSS ${megabytes(before)} in the ` +
      `second tenth, ${megabytes(after)} in the last (${growth >= 0 ? '+' : ''}${growth.toFixed(1)} %), at most ` +
      `${megabytes(samples.reduce((most, one) => Math.max(most, one), 0))}`,
  );
  return failed === 0 && growth <= Number(options.within);
});

function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}
