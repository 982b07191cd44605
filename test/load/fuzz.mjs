// Whatever is sent, the server answers with what it deserves: node test/load/fuzz.mjs [count] [seed]
// A third of the requests over REST, gRPC and WebSocket each, in rounds of 3,000. Exits 1 on any answer that blames the
// server, and where its memory has grown by half between the first rounds and the last.
import { build, install, requireNode } from '../../tools/project.mjs';
import { residentBytes } from './server/process-stat.mjs';

const count = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);
const ROUND = 3_000;

requireNode();
install();
build();
const { BuiltServer } = await import('./server/built-server.mjs');
const { fuzz } = await import('./fuzz/fuzz.mjs');
const server = await BuiltServer.start();
const startedAt = performance.now();
const memory = [];
let findings = 0;
try {
  for (let done = 0; done < count; done += ROUND) {
    for (const finding of await fuzz(server, Math.min(ROUND, count - done), seed + done)) {
      findings++;
      if (findings <= 20) console.log(JSON.stringify(finding));
    }
    memory.push(residentBytes(server.pid).now);
  }
  const alive = (await server.post('/v1/embeddings', { texts: ['still here'] })).status === 200;
  const [first, last] = [memory[Math.min(1, memory.length - 1)], memory.at(-1)].map((one) => Math.round(one / 1e6));
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(
    `${count} requests in ${seconds} s: ${findings} findings; alive: ${alive}; RSS ${first} MB early, ${last} MB at the end`,
  );
  process.exitCode = findings === 0 && alive && last <= first * 1.5 ? 0 : 1;
} finally {
  await server.stop();
}
