// Loaded into the server before its own code (node --require) when a benchmark profiles it. Records CPU profiles of
// the main thread and of every worker thread between two messages of the benchmark, so that starting is left out.
const { Session } = require('node:inspector');
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { isMainThread, threadId, BroadcastChannel } = require('node:worker_threads');

const session = new Session();
session.connect();
const post = (method, parameters) =>
  new Promise((resolve, reject) =>
    session.post(method, parameters, (error, result) => (error ? reject(error) : resolve(result))),
  );

async function handle({ profile, folder, file }) {
  if (profile === 'start') {
    await post('Profiler.enable');
    await post('Profiler.setSamplingInterval', { interval: 500 });
    await post('Profiler.start');
  } else if (profile === 'stop') {
    const { profile: recorded } = await post('Profiler.stop');
    const name = isMainThread ? 'main' : `worker-${threadId}`;
    writeFileSync(join(folder, `${file}.${name}.cpuprofile`), JSON.stringify(recorded));
  }
}

const channel = new BroadcastChannel('sutra-bench-profile');
if (isMainThread) {
  channel.unref();
  process.on('message', (message) => {
    channel.postMessage(message);
    void handle(message).then(() => process.send({ profiled: message.profile }));
  });
  process.channel?.unref();
} else {
  channel.onmessage = ({ data }) => void handle(data);
  channel.unref();
}
