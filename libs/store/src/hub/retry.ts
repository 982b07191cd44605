import { setTimeout as sleep } from 'node:timers/promises';
import { PassingFault } from './hub-error';
import type { Patience } from './hub-options';

/**
 * Runs a task until it succeeds, fails for good, or has brought nothing so many times in a row.
 * @param isHopeless faults that get one more try only
 * @param task its `moved()` is called whenever it got further; tries are counted anew from there
 */
export async function retry<T>(
  task: (moved: () => void) => Promise<T>,
  { attempts, firstWaitMs, longestWaitMs }: Patience,
  signal: AbortSignal,
  isHopeless: (fault: PassingFault) => boolean = () => false,
): Promise<T> {
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await task(() => void (failures = 0));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!(error instanceof PassingFault) || ++failures >= (isHopeless(error) ? Math.min(attempts, 2) : attempts)) {
        throw error;
      }
      // Half of the wait is chance, so that many servers do not come back at the same moment.
      const wait = firstWaitMs * 2 ** (failures - 1) * (0.5 + Math.random() / 2);
      await sleep(Math.min(Math.max(wait, error.retryAfterMs ?? 0), longestWaitMs), undefined, { signal });
    }
  }
}
