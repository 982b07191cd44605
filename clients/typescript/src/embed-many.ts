import { batchesOf, batchesOfList, type Batch } from './batches.ts';
import type { VectorOf } from './decode-vector.ts';
import type { EmbedResult } from './embed-result.ts';
import type { RequestOptions } from './http.ts';
import { inOrder } from './in-order.ts';
import type { EncodingFormat } from './wire.ts';

export interface EmbedManyOptions extends RequestOptions {
  /** Most texts in one request, 1 to 1000. Default 250. */
  readonly textsPerRequest?: number;
  /** Most characters in one request; one longer text travels alone. Default 1,000,000. */
  readonly charactersPerRequest?: number;
  /** Most requests at once. Default 4. */
  readonly concurrency?: number;
  readonly onProgress?: (progress: EmbedManyProgress) => void;
}

export interface EmbedManyProgress {
  /** Texts whose vectors have arrived. */
  readonly done: number;
  /** Texts in all, where they came as a list. */
  readonly total: number | undefined;
  /** Requests that were answered. */
  readonly requests: number;
  /** Requests that had to be sent again. */
  readonly retries: number;
}

export interface EmbeddedText<F extends EncodingFormat> {
  /** Place of the text in what was given. */
  readonly index: number;
  readonly text: string;
  readonly embedding: VectorOf<F>;
}

/** One answered request of many. */
export interface EmbeddedBatch<F extends EncodingFormat> extends EmbedResult<F> {
  /** Place of its first text in what was given. */
  readonly start: number;
  readonly texts: readonly string[];
}

export type Texts = readonly string[] | Iterable<string> | AsyncIterable<string>;

export type EmbedBatch<F extends EncodingFormat> = (
  batch: Batch,
  signal: AbortSignal,
  onRetry: () => void,
) => Promise<EmbedResult<F>>;

/**
 * Many texts in several requests. Iterate it, or await `all()`; nothing is sent before. Vectors come in the order of the
 * texts, each exactly once. While they are not taken, no more than `2 x concurrency` requests are made ahead. Leaving
 * the loop cancels what is under way; an error ends it after everything before it was given.
 */
export class EmbedMany<F extends EncodingFormat> implements AsyncIterable<EmbeddedText<F>> {
  private done = 0;
  private requests = 0;
  private retries = 0;

  constructor(
    private readonly texts: Texts,
    private readonly embed: EmbedBatch<F>,
    private readonly options: EmbedManyOptions,
  ) {}

  get progress(): EmbedManyProgress {
    const total = isList(this.texts) ? this.texts.length : undefined;
    return { done: this.done, total, requests: this.requests, retries: this.retries };
  }

  /** All vectors, in the order of the texts. */
  async all(): Promise<VectorOf<F>[]> {
    const all: VectorOf<F>[] = [];
    for await (const { embeddings } of this.batches()) for (const embedding of embeddings) all.push(embedding);
    return all;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EmbeddedText<F>, void, undefined> {
    for await (const { start, texts, embeddings } of this.batches()) {
      for (let i = 0; i < texts.length; i++) {
        yield { index: start + i, text: texts[i] as string, embedding: embeddings[i] as VectorOf<F> };
      }
    }
  }

  /** Request by request, with what the server said about each. */
  async *batches(): AsyncGenerator<EmbeddedBatch<F>, void, undefined> {
    const { concurrency = 4, signal } = this.options;
    signal?.throwIfAborted();
    const stop = new AbortController();
    const onAbort = () => stop.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const request = (batch: Batch) => this.request(batch, stop.signal);
      yield* inOrder(this.source(), request, { concurrency, ahead: 2 * concurrency });
    } finally {
      signal?.removeEventListener('abort', onAbort);
      stop.abort();
    }
  }

  private source(): Iterator<Batch> | AsyncIterator<Batch> {
    const { textsPerRequest = 250, charactersPerRequest = 1_000_000 } = this.options;
    const limits = { texts: textsPerRequest, characters: charactersPerRequest };
    return isList(this.texts) ? batchesOfList(this.texts, limits) : batchesOf(this.texts, limits);
  }

  private async request(batch: Batch, signal: AbortSignal): Promise<EmbeddedBatch<F>> {
    const result = await this.embed(batch, signal, () => this.retries++);
    this.done += batch.texts.length;
    this.requests++;
    this.options.onProgress?.(this.progress);
    return { ...result, ...batch };
  }
}

function isList(texts: Texts): texts is readonly string[] {
  return Array.isArray(texts);
}
