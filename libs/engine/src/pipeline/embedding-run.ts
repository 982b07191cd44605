import type { EmbedGate, VectorCodes, Vectors } from '../contracts';
import { CancelledError, EngineError, InternalError, InvalidArgumentError, TextRefusedError } from '../errors';
import type { Plan } from '../plan/plan';
import type { RowListener, RowsResult, Ticket } from '../scheduler/ticket';
import { fieldOfText } from './check-texts';
import { StageTimes } from './stage-times';
import type { EmbeddedText, EmbedRequest, EmbedSummary } from './embed-request';
import type { SessionGroup } from './session-group';
import type { Passenger, TextFlights } from './text-flights';

/** Requests of more texts than this give the event loop a turn before they are tokenized. */
const LARGE = 64;
interface Tokenized {
  readonly index: number;
  readonly ids: Int32Array;
}

/** Longest stretch of tokenizing before the event loop gets its turn. */
const SLICE_MS = 4;

/**
 * One request on its way: tokenizes in slices, lines up what is neither remembered nor under way, post-processes each
 * row as it arrives.
 */
export class EmbeddingRun implements RowListener, Passenger {
  private readonly startedAt = performance.now();
  private readonly ticket: Ticket;
  private readonly counts: Int32Array;
  /** 1 where tokens were dropped. */
  private readonly shortened: Uint8Array;
  /** By what others may find a text of this run while it is under way. */
  private readonly keys: (string | undefined)[] = [];
  private missing: number;
  private cached = 0;
  private joined = 0;
  private tokens = 0;
  private tokenizeMs = 0;
  private queueMs = 0;
  private inferMs = 0;
  private postProcessMs = 0;
  /** Only where somebody looks. */
  private readonly times: StageTimes | undefined;
  private settle!: { resolve(summary: EmbedSummary): void; reject(error: unknown): void };
  private readonly finished: Promise<EmbedSummary>;

  constructor(
    private readonly request: EmbedRequest,
    private readonly plan: Plan,
    private readonly group: SessionGroup,
    private readonly onText: (text: EmbeddedText) => void,
    private readonly charge?: EmbedGate['charge'],
  ) {
    this.missing = request.texts.length;
    this.times = request.observer && new StageTimes(request.observer);
    this.counts = new Int32Array(request.texts.length);
    this.shortened = new Uint8Array(request.texts.length);
    this.ticket = group.scheduler.open(
      {
        output: request.output ?? 'pooled',
        normalize: plan.normalize,
        batchSize: request.batchSize,
        maxLatencyMs: request.maxLatencyMs,
        flow: request.flow,
        continues: request.continues,
      },
      this,
    );
    this.finished = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // Whoever awaits the run hears of it; a failure before that must not count as unhandled.
    this.finished.catch(() => undefined);
  }

  async run(signal: AbortSignal | undefined): Promise<EmbedSummary> {
    // A caller may abort with an error of its own, such as a passed deadline.
    const abort = () => this.fail(EngineError.is(signal?.reason) ? signal.reason : new CancelledError());
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    try {
      await this.tokenizeAndSubmit();
      return await this.finished;
    } catch (error) {
      this.fail(error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.times?.report(performance.now());
    }
  }

  done(indexes: readonly number[], result: RowsResult): void {
    this.share(indexes, result);
    this.take(indexes, result);
  }

  failed(index: number, error: Error): void {
    this.fail(error instanceof TextRefusedError ? this.refused(error, index) : error);
    this.land(index, (flights, key) => flights.fail(key, error));
  }

  /** An equal text of another request was run. */
  arrived(index: number, result: RowsResult): void {
    this.joined++;
    this.take([index], { ...result, values: result.values.slice() });
  }

  takeOver(index: number, ids: Int32Array): void {
    this.keys[index] = this.group.reuse?.key(ids, this.plan.normalize);
    // Its place in the queue was the other's until now.
    this.ticket.admitted = true;
    this.submit([{ index, ids }]);
  }

  private take(indexes: readonly number[], result: RowsResult): void {
    if (this.ticket.cancelled) return;
    this.queueMs = Math.max(this.queueMs, result.queueMs);
    this.inferMs = Math.max(this.inferMs, result.inferMs);
    this.times?.rows(result.startedAt);
    try {
      this.postProcess(indexes, result);
    } catch (error) {
      return this.fail(new InternalError('A finished vector could not be post-processed', error));
    }
    this.missing -= indexes.length;
    if (this.missing === 0) this.settle.resolve(this.summary());
  }

  /** Hands rows of this run to whoever waits for an equal text, even when this run's own caller has gone. */
  private share(indexes: readonly number[], { values, ...rest }: RowsResult): void {
    if (!this.group.reuse || this.keys.length === 0) return;
    const size = values.length / indexes.length;
    indexes.forEach((index, row) => {
      const key = this.keys[index];
      if (key !== undefined) {
        this.group.reuse?.made(key, { ...rest, values: values.subarray(row * size, (row + 1) * size) });
      }
    });
  }

  private land(index: number, how: (flights: TextFlights, key: string) => void): void {
    const key = this.keys[index];
    if (key !== undefined && this.group.reuse) how(this.group.reuse.flights, key);
  }

  private fail(error: unknown): void {
    this.settle.reject(error);
    if (this.ticket.cancelled) return;
    this.group.scheduler.cancel(this.ticket);
    this.group.reuse?.flights.leave(this);
  }

  /** With the text's place in what the caller sent. */
  private refused({ sha256 }: TextRefusedError, index: number): TextRefusedError {
    return new TextRefusedError(sha256, (this.request.firstIndex ?? 0) + index, this.request.textsField);
  }

  private async tokenizeAndSubmit(): Promise<void> {
    const { texts } = this.request;
    let next = 0;
    /** Where tokens are charged for, none is run before all of them are. */
    const uncharged: Tokenized[] = [];
    // Where vectors are remembered, even a full queue does not keep this request from its answer.
    if (!this.group.reuse?.remembers) this.group.scheduler.precheck(this.ticket, texts.length);
    // Reading and checking a large request has taken its share of this turn already.
    if (texts.length > LARGE) await new Promise(setImmediate);
    while (next < texts.length && !this.ticket.cancelled) {
      const from = performance.now();
      const slice: Tokenized[] = [];
      for (; next < texts.length && performance.now() - from < SLICE_MS; next++) {
        slice.push({ index: next, ids: this.encode(next) });
      }
      const to = performance.now();
      this.tokenizeMs += to - from;
      this.times?.tokenized(from, to);
      if (this.charge) uncharged.push(...slice);
      else this.lineUp(slice, texts.length - next);
      if (next < texts.length) await new Promise(setImmediate);
    }
    if (!this.charge || this.ticket.cancelled) return;
    await this.charge(this.tokens);
    if (!this.ticket.cancelled) this.lineUp(uncharged, 0);
  }

  /** @param toCome texts that are not tokenized yet */
  private lineUp(texts: readonly Tokenized[], toCome: number): void {
    const missing = texts.filter(({ index, ids }) => !this.found(index, ids));
    const soFar = this.request.texts.length - toCome;
    this.submit(missing, (this.tokens / soFar) * (toCome + missing.length));
  }

  /** Lines up texts; when the queue has no room, whoever joined one of them tries for itself. */
  private submit(texts: readonly { index: number; ids: Int32Array }[], expected?: number): void {
    if (texts.length === 0) return;
    try {
      this.group.scheduler.submit(this.ticket, texts, expected);
    } catch (error) {
      this.fail(error instanceof TextRefusedError ? this.refused(error, error.index) : error);
      const gone = new CancelledError();
      for (const { index } of texts) this.land(index, (flights, key) => flights.fail(key, gone));
    }
  }

  /** Whether a text is remembered, or an equal one is under way; its vector then comes without being run. */
  private found(index: number, ids: Int32Array): boolean {
    const { reuse } = this.group;
    if (!reuse || this.request.output === 'tokens') return false;
    const key = reuse.key(ids, this.plan.normalize);
    const values = reuse.cached(key);
    if (values) {
      this.cached++;
      this.take([index], { values, dimensions: values.length, queueMs: 0, inferMs: 0 });
      return true;
    }
    if (reuse.flights.join(key, ids, this, index)) return true;
    this.keys[index] = key;
    return false;
  }

  private encode(index: number): Int32Array {
    const { tokenizer, model } = this.plan;
    const { texts, truncate = 'end', inputType, maxTokens = model.maxTokens } = this.request;
    const text = texts[index] as string | readonly number[];
    const limit = Math.min(maxTokens, model.maxTokens);
    const prompt = inputType === undefined ? (model.defaultPrompt ?? '') : (model.prompts[inputType] ?? '');
    const { ids, truncated } =
      typeof text === 'string'
        ? tokenizer.encode(prompt + text, limit, truncate)
        : tokenizer.wrap(text, limit, truncate);
    if (ids.length > limit) {
      const field = fieldOfText(this.request, index);
      throw new InvalidArgumentError(
        `${field} has ${ids.length} tokens where ${limit < model.maxTokens ? 'this request' : 'the model'} takes ${limit}; shorten it, or set truncate to "end" or "start"`,
        { field, tokens: ids.length, max_tokens: limit },
      );
    }
    this.counts[index] = ids.length;
    this.tokens += ids.length;
    if (truncated) this.shortened[index] = 1;
    return ids;
  }

  private postProcess(indexes: readonly number[], { values, dimensions }: RowsResult): void {
    const from = performance.now();
    let vectors: Vectors = { rows: indexes.length, dimensions, values };
    if (this.request.output !== 'tokens') for (const step of this.plan.steps) vectors = step.apply(vectors);
    const now = performance.now();
    this.postProcessMs += now - from;
    this.times?.postProcessed(from, now);
    const size = vectors.values.length / indexes.length;
    for (let row = 0; row < indexes.length; row++) {
      const index = indexes[row] as number;
      this.onText({
        index,
        values: vectors.values.subarray(row * size, (row + 1) * size),
        codes: vectors.codes && codesOf(vectors.codes, row),
        tokens: this.counts[index] as number,
        truncated: this.shortened[index] === 1,
        latencyMs: now - this.startedAt,
      });
    }
  }

  private summary(): EmbedSummary {
    return {
      plan: this.plan,
      tokens: this.tokens,
      reused: { cached: this.cached, joined: this.joined },
      truncated: Array.from(this.shortened.keys()).filter((index) => this.shortened[index] === 1),
      timings: {
        totalMs: performance.now() - this.startedAt,
        tokenizeMs: this.tokenizeMs,
        queueMs: this.queueMs,
        inferMs: this.inferMs,
        postProcessMs: this.postProcessMs,
      },
    };
  }
}

/** The codes of one of several rows. */
function codesOf({ scheme, bytesPerVector, bytes, scales }: VectorCodes, row: number): VectorCodes {
  return {
    scheme,
    bytesPerVector,
    bytes: bytes.subarray(row * bytesPerVector, (row + 1) * bytesPerVector),
    ...(scales && { scales: scales.subarray(row, row + 1) }),
  };
}
