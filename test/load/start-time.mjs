// How soon a server with the static model alone listens, beside what Node itself and a bare Nest on Fastify take.
//
//     npm run build && node test/load/start-time.mjs [rounds, 7 by default]
//
// Prints the milliseconds from the start of the process to listening and the process's CPU time until then, the least and
// the median of all rounds, for a busy machine only ever adds; and resident memory a second later (CPU and memory on
// Linux only). The contestants take turns, so that what else the machine does meets all of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median } from './report/statistics.mjs';
import { residentBytes, threadCpu } from './server/process-stat.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rounds = Number(process.argv[2] ?? 7);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('rounds is a whole number above 0');

const settings = {
  SUTRA_HTTP_PORT: '0',
  SUTRA_GRPC_PORT: '0',
  SUTRA_LOG_LEVEL: 'warn',
  SUTRA_PRELOAD: 'ultra-efficient',
};
const BARE_NEST = `
  require('reflect-metadata');
  const { NestFactory } = require('@nestjs/core');
  const { FastifyAdapter } = require('@nestjs/platform-fastify');
  class Bare {}
  NestFactory.create({ module: Bare }, new FastifyAdapter(), { logger: false })
    .then((app) => app.listen(0, '127.0.0.1'))
    .then(() => console.error('listens on'));`;
const CONTESTANTS = {
  'node alone': ['-e', 'console.error("listens on"); setInterval(() => {}, 1000)'],
  'bare Nest': ['-e', BARE_NEST],
  'this server': ['dist/main.js'],
};

/** One start: what it took until the process said that it listens. */
async function start(args) {
  const from = performance.now();
  const child = spawn(process.execPath, args, {
    // Where the bare Nest finds the same packages.
    cwd: `${root}/apps/api`,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const gone = once(child, 'exit');
  try {
    let said = '';
    for await (const bytes of child.stderr) {
      said += bytes;
      if (!said.includes('listens on')) continue;
      const ms = performance.now() - from;
      const threads = threadCpu(child.pid);
      const cpu = threads && 1000 * [...threads.values()].reduce((sum, { seconds }) => sum + seconds, 0);
      await setTimeout(1000);
      return { ms, cpu, resident: residentBytes(child.pid)?.now };
    }
    throw new Error(`It ended before it listened:\n${said}`);
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
}

const taken = Object.fromEntries(Object.keys(CONTESTANTS).map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const [name, args] of Object.entries(CONTESTANTS)) taken[name].push(await start(args));
}

const least = (values) => Math.min(...values);
const row = (name) => {
  const of = (what) => taken[name].map((one) => one[what] ?? NaN);
  const cells = [
    least(of('ms')).toFixed(0),
    median(of('ms')).toFixed(0),
    least(of('cpu')).toFixed(0),
    median(of('cpu')).toFixed(0),
    (median(of('resident')) / 1e6).toFixed(0),
  ];
  return `| ${name.padEnd(11)} | ${cells.map((cell) => cell.padStart(8)).join(' | ')} |`;
};
console.log(`Node ${process.versions.node}, ${rounds} rounds`);
console.log('|             | ms least | median   | cpu ms   | median   | MB       |');
console.log('| ----------- | -------- | -------- | -------- | -------- | -------- |');
for (const name of Object.keys(CONTESTANTS)) console.log(row(name));
