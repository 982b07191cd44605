import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8's own bound is 32 MB; a larger young generation than this gained no measurable CPU time. */
const YOUNG_BYTES = 16 * 2 ** 20;

/** The share of time spent on marking the whole heap above which the heap may grow more before it is marked again. */
const MARKING_SHARE = 0.01;

/**
 * Loading a few hundred modules makes V8 grow its young generation to its largest size, which stays resident although an
 * idle server needs a fraction of it: kept small until the server listens, it saves 20 MB. V8 reads the flags below each
 * time it decides, so they may change while it runs.
 */
export function collectorForStarting(): void {
  setYoungGrowth(1);
}

/** Start-up is over: gives back what only it needed, and from here on gives memory only where collections take time. */
export function collectorForServing(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
  setYoungGrowth(2);
  setHeapGrowth(100);
  let marked = performance.now();
  let full = false;
  const collections = new PerformanceObserver((list) => {
    for (const { detail, startTime, duration } of list.getEntries() as GarbageCollection[]) {
      const { kind } = detail;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) {
        setHeapGrowth(duration > MARKING_SHARE * (startTime - marked) ? 200 : 100);
        marked = startTime;
      } else if (full || kind !== constants.NODE_PERFORMANCE_GC_MINOR) continue;
      const isFull = youngBytes() >= YOUNG_BYTES;
      if (isFull !== full) setYoungGrowth(isFull ? 1 : 2);
      full = isFull;
    }
  });
  collections.observe({ entryTypes: ['gc'] });
}

/** What the types of Node leave out. */
interface GarbageCollection extends PerformanceEntry {
  readonly detail: { readonly kind: number };
}

/** By how much V8's young generation grows when it has become too small; 1 keeps it as it is. */
function setYoungGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}

/** By how much the old generation may grow, in percent of what is alive, before all of it is marked. */
function setHeapGrowth(percent: number): void {
  // Vectors and answers live outside of V8's heap, which is small beside them: left to itself it would take each 50 MB
  // of them for a reason to mark the whole heap, a third of the main thread's time under load.
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}
