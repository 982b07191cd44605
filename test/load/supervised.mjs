// A native crash in a thread takes the process: how long until its supervisor has it serving again.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const CRASHES = 3;
const LIMIT_MS = 5_000;
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
// What systemd's Restart=always does, in a line of shell.
const supervisor = spawn('bash', ['-c', 'while :; do node apps/api/dist/main.js; done'], {
  cwd: root,
  detached: true,
  stdio: 'ignore',
  env: {
    ...process.env,
    SUTRA_HTTP_PORT: String(port),
    SUTRA_GRPC_PORT: '0',
    SUTRA_LOG_LEVEL: 'silent',
    SUTRA_PLUGINS: './test/fixtures/plugins/faulty.js',
  },
});
try {
  const text = 'the same before and after';
  const known = await served(text);
  for (let i = 0; i < CRASHES; i++) {
    const since = performance.now();
    // The plugin raises SIGSEGV where it meets this word, in the thread of a session.
    const crashed = await embed('an earthquake').then(
      () => false,
      () => true,
    );
    const again = await served(text);
    const ms = Math.round(performance.now() - since);
    const right = again === known;
    console.log(`SIGSEGV: process gone ${crashed}, serves again after ${ms} ms, same bits ${right}`);
    if (!crashed || !right || ms > LIMIT_MS) process.exitCode = 1;
  }
} finally {
  process.kill(-supervisor.pid, 'SIGKILL');
}

async function embed(text) {
  const answer = await fetch(`${url}/v1/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ texts: [text], encoding_format: 'base64' }),
  });
  return (await answer.json()).embeddings[0];
}

async function served(text) {
  for (;;) {
    try {
      return await embed(text);
    } catch {
      await sleep(50);
    }
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}
