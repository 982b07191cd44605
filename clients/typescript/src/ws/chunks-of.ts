export interface NextText {
  readonly text: string;
  /** Whether it is known to be the last. */
  readonly isFinal: boolean;
}

/**
 * Texts, the last of them marked where that can be known without holding a text back: a list is looked ahead in; of a
 * source that makes one wait, the text is given at once, and the last one goes unmarked.
 */
export async function* chunksOf(texts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<NextText> {
  const patient = Symbol.asyncIterator in texts;
  const source = patient ? texts[Symbol.asyncIterator]() : texts[Symbol.iterator]();
  let ended = false;
  try {
    for (let current = await source.next(); !current.done;) {
      const text = current.value;
      const following = nextOf(source);
      // Should it fail, this text is still to be given.
      const known = following.catch(() => undefined);
      const soon = patient ? await Promise.race([known, nextTurn()]) : await known;
      yield { text, isFinal: soon?.done === true };
      current = soon ?? (await following);
    }
    ended = true;
  } finally {
    // Not awaited: a source that waits for its own next item may take for ever.
    if (!ended) void Promise.resolve(source.return?.()).catch(() => undefined);
  }
}

/** A promise also of what throws at once. */
async function nextOf(source: Iterator<string> | AsyncIterator<string>): Promise<IteratorResult<string>> {
  return source.next();
}

function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), 0));
}
