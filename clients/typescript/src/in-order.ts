export interface InOrderLimits {
  /** Most tasks at once. */
  readonly concurrency: number;
  /** Most tasks begun and not yet taken by the reader. */
  readonly ahead: number;
}

/**
 * Runs a task for each item of a source, several at once, and gives the results in the order of the items. A slow source
 * does not hold up what is finished; a slow reader holds up the source. The first failure, of the source or of a task,
 * is thrown in its turn.
 */
export async function* inOrder<I, O>(
  source: Iterator<I> | AsyncIterator<I>,
  run: (item: I) => Promise<O>,
  { concurrency, ahead }: InOrderLimits,
): AsyncGenerator<O, void, undefined> {
  const results: Promise<O>[] = [];
  let running = 0;
  let reading = false;
  let ended = false;
  let wake: () => void = () => undefined;

  const finished = () => {
    running--;
    void pump();
  };
  const add = (result: Promise<O>, settled: () => void) => {
    // Also keeps a failure from counting as unhandled before its turn has come.
    result.then(settled, settled);
    results.push(result);
    wake();
  };
  const pump = async () => {
    if (reading) return;
    reading = true;
    try {
      while (!ended && running < concurrency && results.length < ahead) {
        const next = await source.next();
        if (next.done) ended = true;
        else if (!ended) {
          running++;
          add(run(next.value), finished);
        }
      }
    } catch (error) {
      ended = true;
      add(Promise.reject(error as Error), () => undefined);
    } finally {
      reading = false;
      if (ended) wake();
    }
  };

  try {
    void pump();
    for (;;) {
      const [first] = results;
      if (first) {
        const result = await first;
        results.shift();
        void pump();
        yield result;
      } else if (ended) {
        return;
      } else {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    }
  } finally {
    ended = true;
    // Not awaited: a source that waits for its own next item may take for ever.
    void Promise.resolve(source.return?.()).catch(() => undefined);
  }
}
