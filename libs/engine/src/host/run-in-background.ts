import { setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';

const NICENESS = 5;

/**
 * Lets the event loop go before this session wherever both want the same core: the loop answers in microseconds what
 * would otherwise wait for a batch to have had its time slice. Threads that are started later inherit it.
 */
export function runInBackground(): void {
  // Only Linux gives each thread a priority of its own; elsewhere the server itself would be lowered.
  if (!isMainThread && process.platform !== 'linux') return;
  try {
    setPriority(NICENESS);
  } catch {
    // A sandbox may forbid it; nothing depends on it.
  }
}
