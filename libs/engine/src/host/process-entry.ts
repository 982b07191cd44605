import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FromSession, ToSession } from './host-protocol';
import { runInBackground } from './run-in-background';
import { SessionServer } from './session-server';

// A signal to the whole process group is for the server, which drains first and ends its sessions itself.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.title = 'sutra-session';
runInBackground();

const parent = Number(process.argv[2]);
process.on('disconnect', () => process.exit(0));
// The loop that would hear of a disconnect stands still inside native code; this thread does not.
new Worker(join(__dirname, 'orphan-guard.js'), { workerData: parent, name: 'sutra-guard' }).unref();

try {
  // Where memory runs out, the kernel should end a session, which is replaced, rather than the server.
  if (process.platform === 'linux') writeFileSync('/proc/self/oom_score_adj', '500');
} catch {
  // A sandbox may forbid it; nothing depends on it.
}

const server = new SessionServer(
  (message) => void process.send?.(message, sent(message)),
  () => undefined,
);
process.on('message', (message) => server.receive(message as ToSession));

/** The last message must be on its way before the process ends. */
function sent({ kind }: FromSession): (error: Error | null) => void {
  return kind === 'closed' ? () => process.exit(0) : () => undefined;
}
