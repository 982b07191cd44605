// Ten times what the server can carry, for a minute: who is served is served in time, the others hear so at once.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Corpus } from './corpus/corpus.mjs';
import { drive } from './drive/drive.mjs';
import { percentile } from './report/statistics.mjs';
import { residentBytes } from './server/process-stat.mjs';
import { serverUnderLoad } from './server-under-load.mjs';

const USAGE = `node test/load/overload.mjs [--graph fp32|int8] [--seconds 60] [--times 10]

Measures mixed texts over 32 connections, then sends --times as many requests a second for --seconds, whatever becomes of
them, then measures 32 connections again. Exits 1 unless: the accepted requests' p99 is at most the time in which a full
queue drains plus twice the p99 over 32 connections; all others are answered 429, their p99 within 50 ms; the resident
memory stays within 500 MB of what it was; and two seconds after the flood the server does nine tenths of what it did
before it. A queue is full when it holds what the server got through in 10 s before the flood, which is what fills it at
first, and later what it gets through in 10 s beside refusing the rest: so there are two bounds.`;
const QUEUE_MS = 10_000;
const REFUSED_MS = 50;
const MEMORY_BYTES = 500e6;

await serverUnderLoad(USAGE, { seconds: '60', times: '10' }, [], async ({ target, folder, options }) => {
  const corpus = new Corpus('mixed', 5);
  const seconds = Number(options.seconds);
  const pooled = () => steady(target, folder, corpus);
  const before = await pooled();
  const rss = residentBytes(target.pid).now;
  const samples = [];
  const sampler = setInterval(() => samples.push(residentBytes(target.pid).now), 500);
  const flood = await floodWith({
    target,
    folder,
    corpus,
    perSecond: before.perSecond * Number(options.times),
    seconds,
  });
  clearInterval(sampler);
  // What was accepted last is answered by now; the rest of the two seconds may pass.
  await sleep(2000);
  const after = await pooled();

  const accepted = flood.statuses.find(({ status }) => status === 200) ?? { count: 0 };
  const refused = flood.statuses.find(({ status }) => status === 429) ?? { count: 0, p99: NaN };
  const others = flood.statuses.filter(({ status }) => status !== 200 && status !== 429);
  const rate = flood.served.filter(([, at]) => at <= seconds).length / seconds;
  const early = slowest(flood.served, ([due]) => due < QUEUE_MS / 1000);
  const earlyBound = QUEUE_MS * Math.max(1, before.perSecond / rate) + 2 * before.p99;
  const late = slowest(flood.served, ([due]) => due >= QUEUE_MS / 1000);
  const lateBound = QUEUE_MS + 2 * before.p99;
  const peak = Math.max(...samples);
  // The queue is still full in the seconds after the flood: what leaves it then leaves at the server's own speed.
  const drained = flood.served.filter(([, at]) => at >= seconds + 2 && at < seconds + 6).length / 4;
  console.log(
    [
      `${options.graph}, mixed texts: ${before.perSecond.toFixed(0)} requests/s and p99 ${before.p99.toFixed(0)} ms over 32 connections`,
      `flood of ${(flood.sent / seconds).toFixed(0)} requests/s for ${seconds} s: ${accepted.count} answered (${rate.toFixed(0)}/s), p50 ${accepted.p50?.toFixed(0)} ms; ` +
        `p99 of the first 10 s ${early.toFixed(0)} ms (at most ${earlyBound.toFixed(0)}), then ${late.toFixed(0)} ms (at most ${lateBound.toFixed(0)})`,
      `${refused.count} answered 429: p50 ${refused.p50?.toFixed(1)} ms, p99 ${refused.p99.toFixed(1)} ms (at most ${REFUSED_MS}), max ${refused.max?.toFixed(0)} ms`,
      `others: ${JSON.stringify(others)}; connections broken: ${flood.broken}; generator late: ${flood.late}`,
      `RSS ${megabytes(rss)} before, at most ${megabytes(peak)} under the flood`,
      `from 2 s after the flood: ${drained.toFixed(0)} requests/s out of the queue; over 32 connections ${after.perSecond.toFixed(0)} requests/s, p99 ${after.p99.toFixed(0)} ms`,
    ].join('\n'),
  );
  return (
    early <= earlyBound &&
    late <= lateBound &&
    refused.p99 <= REFUSED_MS &&
    others.length === 0 &&
    flood.broken === 0 &&
    peak - rss <= MEMORY_BYTES &&
    after.perSecond >= 0.9 * before.perSecond
  );
});

/** @returns {number} p99 of those that were served, in ms; NaN where none was */
function slowest(served, which) {
  const waits = served.filter(which).map(([due, at]) => (at - due) * 1000);
  return percentile(
    waits.sort((a, b) => a - b),
    0.99,
  );
}

function steady(target, folder, corpus) {
  const bodies = Array.from({ length: 4000 }, () => target.request.body([corpus.next()]));
  const load = { url: target.url, path: target.request.path, bodies, connections: 32, warm: 2, measured: 8 };
  return drive(load, folder);
}

function floodWith({ target, folder, corpus, perSecond, seconds }) {
  const bodies = join(folder, 'flood.jsonl');
  writeFileSync(bodies, Array.from({ length: 20_000 }, () => target.request.body([corpus.next()])).join('\n') + '\n');
  const script = fileURLToPath(new URL('drive/open-loop.mjs', import.meta.url));
  const run = { url: target.url, path: target.request.path, bodies, perSecond, seconds, connections: 6000 };
  const child = spawn(process.execPath, [script, JSON.stringify(run)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (bytes) => (printed += bytes));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      const line = /^RESULT (.*)$/m.exec(printed)?.[1];
      if (line === undefined) reject(new Error(`The generator failed:\n${printed}`));
      else resolve(JSON.parse(line));
    });
  });
}

function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}
