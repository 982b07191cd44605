// Loaded into the server before its own code (node --require) where a measurement must look inside: CPU profiles of
// every thread, how long the event loop is kept from its work, each between two messages of the measuring process, and
// what memory is held.
const { Session } = require('node:inspector');
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { clearInterval, setInterval } = require('node:timers');
const { isMainThread, threadId, BroadcastChannel } = require('node:worker_threads');

const TICK_MS = 2;
const session = new Session();
session.connect();
const post = (method, parameters) =>
  new Promise((resolve, reject) =>
    session.post(method, parameters, (error, result) => (error ? reject(error) : resolve(result))),
  );

let ticks;
const tasks = {
  async 'start-profile'() {
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: 500 });
    await post('Profiler.start');
  },

  async 'stop-profile'({ folder, file }) {
    const { profile } = await post('Profiler.stop');
    const name = isMainThread ? 'main' : `worker-${threadId}`;
    writeFileSync(join(folder, `${file}.${name}.cpuprofile`), JSON.stringify(profile));
  },

  /** What is held after a collection, off the heap too; needs --expose-gc. */
  memory() {
    if (!isMainThread) return undefined;
    // What the first collection finalizes, the second one frees.
    globalThis.gc();
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    return { heapUsed, external };
  },

  'start-delays'() {
    if (!isMainThread) return;
    const delays = [];
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      delays.push(Math.max(0, now - last - TICK_MS));
      last = now;
    }, TICK_MS);
    ticks = { delays, timer };
  },

  'stop-delays'() {
    if (!isMainThread) return undefined;
    clearInterval(ticks.timer);
    return ticks.delays;
  },
};

const channel = new BroadcastChannel('sutra-load');
if (isMainThread) {
  process.on('message', async (message) => {
    channel.postMessage(message);
    process.send({ done: message.task, result: (await tasks[message.task](message)) ?? null });
  });
  process.channel.unref();
} else channel.onmessage = ({ data }) => void tasks[data.task](data);
channel.unref();
