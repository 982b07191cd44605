import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answersPerSecond } from '../report/statistics.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** wrk where it is installed: it takes less of the cores it shares with the server than Node does. */
export const hasWrk = spawnSync('wrk', ['--version']).error === undefined;

/**
 * @typedef {object} Load
 * @property {string} url of the server, without a path
 * @property {string} path that is posted to
 * @property {string[]} bodies each is sent once, in order; the run ends early when they are used up
 * @property {number} connections kept alive, one request at a time on each
 * @property {number} warm seconds before answers count
 * @property {number} measured seconds in which they count
 *
 * @typedef {object} LoadResult
 * @property {number} perSecond answers a second while all connections were busy
 * @property {number} seconds that were measured
 * @property {number} requests sent in all
 * @property {number} p50 milliseconds from request to answer; so are p90, p99 and max
 * @property {number} p90
 * @property {number} p99
 * @property {number} max
 * @property {number} refused answers with a status of 400 or more
 * @property {number} broken connections that failed
 */

/**
 * Drives a server from a process of its own.
 * @param {Load} load
 * @param {string} folder for the bodies
 * @param {{ client?: 'wrk' | 'node', onMeasured?: (pid: number) => void, onEnd?: (pid: number) => void }} [options] onMeasured and onEnd are
 *   called with the generator's process id when the
 *   measured part begins and ends
 * @returns {Promise<LoadResult>}
 */
export async function drive(load, folder, { client = hasWrk ? 'wrk' : 'node', onMeasured, onEnd } = {}) {
  const file = join(folder, 'bodies.jsonl');
  writeFileSync(file, load.bodies.join('\n') + '\n');
  const [command, args] = client === 'wrk' ? wrk(load, file) : node(load, file);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const timers = [
    onMeasured && setTimeout(() => onMeasured(child.pid), load.warm * 1000),
    onEnd && setTimeout(() => onEnd(child.pid), (load.warm + load.measured) * 1000),
  ];
  let printed = '';
  child.stdout.on('data', (bytes) => (printed += bytes));
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  timers.forEach((timer) => timer && clearTimeout(timer));
  const line = /^RESULT (.*)$/m.exec(printed)?.[1];
  if (status !== 0 || line === undefined) throw new Error(`The load generator failed:\n${printed}`);
  return summarize(JSON.parse(line), load);
}

function wrk({ url, path, connections, warm, measured }, file) {
  const duration = `${Math.ceil(warm + measured)}s`;
  const script = join(here, 'wrk.lua');
  const timing = [String(warm), String(measured)];
  return [
    'wrk',
    ['-t1', `-c${connections}`, `-d${duration}`, '--timeout', '120s', '-s', script, url, '--', file, path, ...timing],
  ];
}

function node({ url, path, connections, warm, measured }, bodies) {
  return [
    process.execPath,
    [join(here, 'node-client.mjs'), JSON.stringify({ url, path, bodies, connections, warm, measured })],
  ];
}

function summarize({ counted, span, exhausted, ...rest }, { measured, connections }) {
  const seconds = exhausted > 0 ? exhausted : measured;
  return { ...rest, perSecond: answersPerSecond({ counted, span, seconds, connections }), seconds };
}
