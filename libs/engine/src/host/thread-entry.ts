import { parentPort } from 'node:worker_threads';
import { runInBackground } from './run-in-background';
import { SessionServer } from './session-server';
import type { ToSession } from './host-protocol';

if (!parentPort) throw new Error('thread-entry runs in a worker thread only');
const port = parentPort;
runInBackground();
const server = new SessionServer(
  (message, transfer) => port.postMessage(message, transfer),
  () => port.close(),
);
port.on('message', (message: ToSession) => server.receive(message));
