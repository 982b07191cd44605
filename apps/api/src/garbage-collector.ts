import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * Imported before anything else. Loading a few hundred modules makes V8 grow its young generation to its largest size,
 * which stays resident although an idle server needs a fraction of it: kept small until the server listens, it saves
 * 20 MB. V8 reads the flags below each time it decides, so they may change while it runs.
 */
setFlagsFromString('--semi-space-growth-factor=1');

/** Start-up is over: gives back what only it needed, and sets the collector to work for throughput. */
export function collectorForServing(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
  setFlagsFromString('--semi-space-growth-factor=2');
  // Vectors and answers live outside of V8's heap, which is small beside them: left to itself it would take each 50 MB
  // of them for a reason to mark the whole heap, a third of the main thread's time under load.
  setFlagsFromString('--heap-growing-percent=200');
}
