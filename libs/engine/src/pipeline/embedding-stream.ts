import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BufferFullError, CancelledError, InvalidArgumentError } from '../errors';
import type { Plan } from '../plan/plan';
import type { EmbeddedText, EmbedInput, EmbedRequest, EmbedResult } from './embed-request';

/** What a stream asks of every one of its texts. */
export type StreamRequest = Omit<EmbedRequest, 'texts' | 'flow' | 'firstIndex' | 'continues'> & {
  /** Whether its reader wants the codes of quantized vectors: unread, they would be held beside the values. Default true. */
  readonly wantsCodes?: boolean | undefined;
};

/** How one text of a stream ended. */
export type StreamOutcome =
  | { readonly index: number; readonly item: EmbeddedText; readonly plan: Plan; readonly error?: undefined }
  | { readonly index: number; readonly item?: undefined; readonly error: Error };

/** What holds for the texts of a stream so far. */
export interface StreamSummary {
  /** Texts that were answered, with a vector or an error. */
  readonly chunks: number;
  readonly failed: number;
  /** Tokens that were run, special tokens included. */
  readonly tokens: number;
  /** Indexes of the first 1000 texts that lost tokens. */
  readonly truncated: readonly number[];
  readonly averageLatencyMs: number;
  readonly durationMs: number;
}

type EmbedOne = (request: EmbedRequest, signal: AbortSignal) => Promise<EmbedResult>;

/** Longest stretch of adding texts, which tokenizes them, before the event loop gets its turn. */
const SLICE_MS = 4;
const MOST_TRUNCATED = 1000;
/** What to wait where no latency has been measured yet, and the bounds of what a caller is told. */
const RETRY_MS = { unknown: 100, least: 10, most: 5000 };

/**
 * Texts go in one by one, vectors come out in order of completion. At most `bufferSize` texts are unread: in work,
 * finished, or handed out and not yet released. So a slow reader stops its own stream and nobody else's, and the memory
 * of a stream is bounded. One text that fails does not fail the others.
 */
export class EmbeddingStream {
  private readonly controller = new AbortController();
  private readonly outcomes: StreamOutcome[] = [];
  private readonly startedAt = performance.now();
  private working = 0;
  private handedOut = 0;
  private ended = false;
  private onOutcome: (() => void) | undefined;
  private onRoom: (() => void) | undefined;
  private nextIndex = 0;
  private answered = 0;
  private failures = 0;
  private tokens = 0;
  private latencyMs = 0;
  private readonly truncated: number[] = [];

  /**
   * @param bufferSize most texts that are unread, at least 1
   */
  constructor(
    private readonly embed: EmbedOne,
    private readonly request: StreamRequest,
    readonly plan: Plan,
    readonly bufferSize: number,
  ) {
    // Every text in work listens for the end of its stream.
    setMaxListeners(0, this.controller.signal);
  }

  /** Texts that were added and not released, however far they are. */
  get unread(): number {
    return this.working + this.outcomes.length + this.handedOut;
  }

  get full(): boolean {
    return this.unread >= this.bufferSize;
  }

  /** Texts added so far; the index of the next one. */
  get added(): number {
    return this.nextIndex;
  }

  get closed(): boolean {
    return this.controller.signal.aborted;
  }

  /**
   * Puts a text into work.
   * @param continues whether it is taken however much waits, because the stream was admitted and would fail as a whole
   * @returns its index, from 0
   * @throws BufferFullError with a time to wait; the text was not taken
   * @throws InvalidArgumentError after `end()`
   */
  add(text: EmbedInput, continues = false): number {
    if (this.closed) throw this.reason;
    if (this.ended) throw new InvalidArgumentError('The stream has ended and takes no more texts');
    if (this.full) throw new BufferFullError(this.bufferSize, this.retryAfterMs);
    const index = this.nextIndex++;
    this.working++;
    const request = { ...this.request, texts: [text], flow: this, firstIndex: index, continues };
    this.embed(request, this.controller.signal).then(
      ({ items: [item], plan }) => this.finish({ index, item: this.held(item as EmbeddedText, index), plan }),
      (error: unknown) => this.finish({ index, error: error instanceof Error ? error : new Error(String(error)) }),
    );
    return index;
  }

  /**
   * Adds all texts as fast as they are read, then ends. One producer at a time.
   * @throws the reason when the stream is cancelled meanwhile
   */
  async feed(texts: Iterable<EmbedInput>): Promise<void> {
    let since = performance.now();
    for (const text of texts) {
      const late = performance.now() - since >= SLICE_MS;
      if (this.full) await this.room();
      else if (late) await nextTurn();
      if (late) since = performance.now();
      this.add(text, this.added > 0);
    }
    this.end();
  }

  /** Resolves once another text would be taken, or the stream is cancelled. One producer at a time. */
  async room(): Promise<void> {
    while (this.full && !this.closed) await new Promise<void>((resolve) => (this.onRoom = resolve));
  }

  /** No more texts will come. */
  end(): void {
    this.ended = true;
    this.onOutcome?.();
  }

  /** Takes texts again after `end()`: one of its texts was refused for now, and will be added anew. */
  reopen(): void {
    this.ended = false;
  }

  /**
   * The next outcome, or undefined once all texts of an ended stream are answered. It counts as unread until `release()`.
   * One reader at a time.
   * @throws the reason when the stream was cancelled
   */
  async next(): Promise<StreamOutcome | undefined> {
    for (;;) {
      if (this.closed) throw this.reason;
      const outcome = this.outcomes.shift();
      if (outcome) {
        this.handedOut++;
        return outcome;
      }
      if (this.ended && this.working === 0) return undefined;
      await new Promise<void>((resolve) => (this.onOutcome = resolve));
    }
  }

  /** So many outcomes have reached the reader: there is room for as many texts. */
  release(count = 1): void {
    this.handedOut = Math.max(0, this.handedOut - count);
    if (!this.full) this.onRoom?.();
  }

  /** Drops what waits before it costs anything; what runs is thrown away when its batch ends. */
  cancel(reason: Error = new CancelledError()): void {
    if (this.closed) return;
    this.controller.abort(reason);
    this.outcomes.length = 0;
    this.handedOut = 0;
    this.onOutcome?.();
    this.onRoom?.();
  }

  summary(): StreamSummary {
    return {
      chunks: this.answered,
      failed: this.failures,
      tokens: this.tokens,
      truncated: this.truncated,
      averageLatencyMs: this.averageLatencyMs,
      durationMs: performance.now() - this.startedAt,
    };
  }

  private get averageLatencyMs(): number {
    const succeeded = this.answered - this.failures;
    return succeeded === 0 ? 0 : this.latencyMs / succeeded;
  }

  private get retryAfterMs(): number {
    const wait = this.averageLatencyMs || RETRY_MS.unknown;
    return Math.ceil(Math.min(RETRY_MS.most, Math.max(RETRY_MS.least, wait)));
  }

  private get reason(): Error {
    return this.controller.signal.reason as Error;
  }

  /** What is kept until it is read: a view of its batch would keep the vectors of everybody else in the batch, too. */
  private held({ values, codes, ...item }: EmbeddedText, index: number): EmbeddedText {
    const { wantsCodes = true } = this.request;
    return {
      ...item,
      index,
      values: isPart(values) ? new Float32Array(values) : values,
      ...(codes &&
        wantsCodes && { codes: isPart(codes.bytes) ? { ...codes, bytes: new Uint8Array(codes.bytes) } : codes }),
    };
  }

  private finish(outcome: StreamOutcome): void {
    this.working--;
    if (this.closed) return;
    this.answered++;
    if (outcome.item) {
      this.tokens += outcome.item.tokens;
      this.latencyMs += outcome.item.latencyMs;
      if (outcome.item.truncated && this.truncated.length < MOST_TRUNCATED) this.truncated.push(outcome.index);
    } else this.failures++;
    this.outcomes.push(outcome);
    this.onOutcome?.();
  }
}

/** Whether memory holds more than these numbers. */
function isPart({ byteLength, buffer }: Float32Array | Uint8Array): boolean {
  return byteLength !== buffer.byteLength;
}
