// Sends requests at a fixed rate, whatever becomes of those before: what a crowd does, that does not wait for itself.
// Run as its own process: node open-loop.mjs '{"url","path","bodies","perSecond","seconds","connections"}'. Prints one
// line of JSON. Every latency counts from the moment at which the request was due.
import { clearInterval, setInterval } from 'node:timers';
import { connect } from 'node:net';
import { percentile } from '../report/statistics.mjs';
import { AnswerReader } from './answer-reader.mjs';
import { readRequests } from './read-requests.mjs';

const { url, path, bodies, perSecond, seconds, connections } = JSON.parse(process.argv[2] ?? '');
const { hostname, port, host } = new URL(url);
const requests = readRequests(bodies, path, host);

const TICK_MS = 5;
const idle = [];
const latencies = new Map();
/** Of each that was served: the seconds at which it was due and at which it was answered. */
const served = [];
let open = 0;
let sent = 0;
let waiting = 0;
let broken = 0;
let late = 0;
const startedAt = performance.now();
const total = Math.round(perSecond * seconds);

const timer = setInterval(() => {
  const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * perSecond));
  while (sent < due) {
    const dueAt = startedAt + (sent / perSecond) * 1000;
    const socket = idle.pop() ?? (open < connections ? opened() : undefined);
    if (!socket) {
      // Neither a free connection nor room for another: the generator, not the server, is at its end.
      late++;
      break;
    }
    socket.dueAt = dueAt;
    socket.write(requests[sent++ % requests.length]);
    waiting++;
  }
  if (sent === total && waiting === 0) finish();
}, TICK_MS);

function opened() {
  open++;
  const socket = connect(Number(port) || 80, hostname);
  socket.setNoDelay(true);
  const reader = new AnswerReader((status) => {
    const now = performance.now();
    const list = latencies.get(status) ?? [];
    latencies.set(status, list);
    list.push(now - socket.dueAt);
    if (status === 200) served.push([socket.dueAt, now].map((at) => (at - startedAt) / 1000));
    waiting--;
    socket.dueAt = undefined;
    idle.push(socket);
  });
  socket.on('data', (bytes) => reader.read(bytes));
  socket.on('error', () => broken++);
  socket.on('close', () => {
    open--;
    if (socket.dueAt !== undefined) waiting--;
    const at = idle.indexOf(socket);
    if (at >= 0) idle.splice(at, 1);
  });
  return socket;
}

function finish() {
  clearInterval(timer);
  const statuses = [...latencies].map(([status, list]) => {
    list.sort((a, b) => a - b);
    const at = (share) => percentile(list, share);
    return { status, count: list.length, p50: at(0.5), p99: at(0.99), max: list.at(-1) };
  });
  console.log(`RESULT ${JSON.stringify({ sent, broken, late, statuses, served })}`);
  process.exit(0);
}
