import { workerData } from 'node:worker_threads';

/** How long a child may outlive its parent. */
const EVERY_MS = 500;

// An orphan is given another parent by the kernel. SIGKILL: the main thread may be where it hears of nothing else.
const cell = new Int32Array(new SharedArrayBuffer(4));
while (process.ppid === workerData) Atomics.wait(cell, 0, 0, EVERY_MS);
process.kill(process.pid, 'SIGKILL');
