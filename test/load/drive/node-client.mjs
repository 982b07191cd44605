// A load generator for machines without wrk: plain sockets, kept alive, one request at a time on each. Run as its own
// process: node node-client.mjs '{"url","path","bodies","connections","warm","measured"}'. Prints one line of JSON.
import { connect } from 'node:net';
import { percentile } from '../report/statistics.mjs';
import { AnswerReader } from './answer-reader.mjs';
import { readRequests } from './read-requests.mjs';

const { url, path, bodies, connections, warm, measured } = JSON.parse(process.argv[2] ?? '');
const { hostname, port, host } = new URL(url);
const requests = readRequests(bodies, path, host);

let sent = 0;
let refused = 0;
let broken = 0;
let first = 0;
let last = 0;
let counted = 0;
let exhausted = 0;
const latencies = [];
const from = performance.now() + warm * 1000;
const till = from + measured * 1000;
const sockets = new Set();

for (let i = 0; i < connections; i++) open();

function open() {
  let startedAt = 0;
  const reader = new AnswerReader((status) => {
    const now = performance.now();
    if (status >= 400) refused++;
    if (now >= from && now < till) {
      counted++;
      first ||= now;
      last = now;
      latencies.push(now - startedAt);
    }
    send();
  });
  const socket = connect(Number(port) || 80, hostname);
  socket.setNoDelay(true);
  sockets.add(socket);
  socket.on('connect', send);
  socket.on('data', (bytes) => reader.read(bytes));
  socket.on('error', () => broken++);
  socket.on('close', () => {
    sockets.delete(socket);
    if (sockets.size === 0) finish();
  });

  function send() {
    startedAt = performance.now();
    if (startedAt >= till || sent >= requests.length) {
      if (sent >= requests.length && startedAt < till && exhausted === 0) exhausted = (startedAt - from) / 1000;
      return socket.destroy();
    }
    socket.write(requests[sent]);
    requests[sent++] = undefined;
  }
}

function finish() {
  latencies.sort((a, b) => a - b);
  const at = (share) => percentile(latencies, share);
  console.log(
    `RESULT ${JSON.stringify({
      counted,
      span: (last - first) / 1000,
      exhausted: Math.max(exhausted, 0),
      requests: sent,
      p50: at(0.5),
      p90: at(0.9),
      p99: at(0.99),
      max: latencies.at(-1) ?? 0,
      refused,
      broken,
    })}`,
  );
}
