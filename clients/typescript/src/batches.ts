/** Consecutive texts that travel in one request. */
export interface Batch {
  /** Place of the first text in the whole. */
  readonly start: number;
  readonly texts: readonly string[];
}

export interface BatchLimits {
  readonly texts: number;
  /** Of all texts together; a single longer text travels alone. */
  readonly characters: number;
}

/** Cuts a sequence of texts into batches, reading no further than it must. */
export async function* batchesOf(
  texts: Iterable<string> | AsyncIterable<string>,
  limits: BatchLimits,
): AsyncGenerator<Batch> {
  let start = 0;
  let batch: string[] = [];
  let characters = 0;
  for await (const text of texts) {
    if (typeof text !== 'string') throw new TypeError(`Text ${start + batch.length} is no string but ${typeof text}`);
    if (batch.length === limits.texts || (batch.length > 0 && characters + text.length > limits.characters)) {
      yield { start, texts: batch };
      start += batch.length;
      batch = [];
      characters = 0;
    }
    batch.push(text);
    characters += text.length;
  }
  if (batch.length > 0) yield { start, texts: batch };
}

/** The same for a list: nothing to wait for between two texts. */
export function* batchesOfList(texts: readonly string[], limits: BatchLimits): Generator<Batch> {
  for (let start = 0; start < texts.length;) {
    let characters = 0;
    let end = start;
    for (; end < texts.length && end - start < limits.texts; end++) {
      const text = texts[end];
      if (typeof text !== 'string') throw new TypeError(`Text ${end} is no string but ${typeof text}`);
      if (end > start && characters + text.length > limits.characters) break;
      characters += text.length;
    }
    yield { start, texts: texts.slice(start, end) };
    start = end;
  }
}
