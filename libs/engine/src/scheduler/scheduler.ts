import type { Batch, SessionOutput } from '../contracts';
import { CancelledError, InternalError } from '../errors';
import { Admission } from './admission';
import { chooseBatch } from './choose-batch';
import { DrainRate } from './drain-rate';
import { hadBegun } from '../host/session-lost-error';
import { SecondChances } from './second-chances';
import { TurnQueue } from './turn-queue';
import type { Entry, RowListener, Ticket, TicketOptions } from './ticket';

export interface SchedulerOptions {
  /** Most padded tokens of a batch. */
  readonly tokenBudget: number;
  /** Fixed cost of a batch, in tokens. */
  readonly overheadTokens: number;
  /** Most texts of a batch. */
  readonly maxRows: number;
  /**
   * Whether rows are padded to the longest of their batch. `false`: batches are filled in order of turn, whatever the
   * lengths, and a request is not split to keep every free session busy.
   */
  readonly padded: boolean;
  /** How many waiting texts are looked at when a batch is chosen. */
  readonly window: number;
  /** Most tokens that may wait; what would exceed it is refused. Bounds memory. */
  readonly maxQueuedTokens: number;
  /** A request is refused where, by the measured drain rate, others would keep it waiting longer. Bounds latency. */
  readonly maxWaitMs: number;
}

export const DEFAULT_SCHEDULER_OPTIONS: SchedulerOptions = Object.freeze({
  tokenBudget: 512,
  overheadTokens: 10,
  maxRows: 64,
  padded: true,
  window: 512,
  maxQueuedTokens: 2_000_000,
  // Callers and proxies give up after 30 to 60 seconds: this leaves them time for the run, and room for a burst.
  maxWaitMs: 10_000,
});

/** Where batches go: sessions with room for one more, or undefined when all are busy. */
export interface SessionSlots {
  /** Free places, the next batch of a busy session included. */
  readonly free: number;
  /** Sessions that have nothing to run. */
  readonly idle: number;
  /** Sessions that are there. */
  readonly alive: number;
  run(batch: Batch): Promise<SessionOutput>;
}

/** What a batch was, for metrics. */
export interface BatchReport {
  readonly rows: number;
  readonly tokens: number;
  readonly paddedTokens: number;
  readonly inferMs: number;
}

export interface SchedulerListener {
  onBatch?(report: BatchReport): void;
  /** A batch failed that had begun. */
  onFailure?(reason: Error): void;
  /** @param sha256 of the token ids of a text that ended two sessions and is refused from now on */
  onRefused?(sha256: string): void;
}

export interface SchedulerClock {
  now(): number;
  /** Calls back once all that has arrived by now has been read. */
  soon(callback: () => void): void;
}

/**
 * Texts are looked at up to so many full batches deep. Like lengths are found within that; looking further lets texts
 * overtake for nothing and makes the longest wait in a full queue longer than what goes before it.
 */
const WINDOW_BATCHES = 16;

const REAL_CLOCK: SchedulerClock = { now: () => performance.now(), soon: (callback) => void setImmediate(callback) };

/** Gathers the texts of all requests of one session group into batches of like length and hands the rows back. */
export class Scheduler {
  /** One queue for each kind of batch: texts share a batch only where they want the same of it. */
  private readonly lanes = new Map<string, TurnQueue>();
  private readonly again: SecondChances;
  private closed: Error | undefined;
  private dispatching = false;
  private readonly drain = new DrainRate();
  private readonly admission: Admission;

  constructor(
    private readonly slots: SessionSlots,
    private readonly options: SchedulerOptions = DEFAULT_SCHEDULER_OPTIONS,
    private readonly listener: SchedulerListener = {},
    private readonly clock: SchedulerClock = REAL_CLOCK,
  ) {
    this.again = new SecondChances(listener.onRefused);
    this.admission = new Admission(options, {
      tokens: () => this.queuedTokens,
      texts: () => this.queuedTexts,
      ahead: (own) => this.ahead(own),
      drainRate: () => this.drain.get(this.slots.alive),
      now: () => this.clock.now(),
    });
  }

  get queuedTokens(): number {
    let { tokens } = this.again;
    for (const lane of this.lanes.values()) tokens += lane.tokens;
    return tokens;
  }

  get queuedTexts(): number {
    let { size } = this.again;
    for (const lane of this.lanes.values()) size += lane.size;
    return size;
  }

  open(options: TicketOptions, listener: RowListener): Ticket {
    return { options, listener, cancelled: false, admitted: options.continues === true };
  }

  /**
   * Refuses a request that would be refused whatever its texts are, before they cost anything.
   * @throws OverloadedError
   */
  precheck(ticket: Ticket, texts: number): void {
    if (!this.isAdmitted(ticket)) this.admission.precheck(texts);
  }

  /**
   * Lines up texts of a ticket. The first of them decide for all: what was taken once is not refused later.
   * @param expected tokens of all texts of the ticket, as far as can be told
   * @throws OverloadedError when others would keep it waiting too long, TextRefusedError when one of the texts is
   * refused; then none of them is lined up
   */
  submit(ticket: Ticket, texts: readonly { index: number; ids: Int32Array }[], expected = 0): void {
    if (this.closed) throw this.closed;
    this.again.check(texts);
    if (!this.isAdmitted(ticket)) this.admission.check(texts, expected);
    ticket.admitted = true;
    this.lane(ticket.options).add(ticket, texts, this.clock.now());
    this.schedule();
  }

  /** The texts of this ticket that still wait are dropped before they cost anything. */
  cancel(ticket: Ticket): void {
    if (ticket.cancelled) return;
    ticket.cancelled = true;
    // One for all: each would capture a stack, which for 1,000 texts keeps the event loop for 50 ms.
    const error = new CancelledError();
    for (const lane of this.lanes.values()) {
      for (const { index } of lane.dropCancelled()) ticket.listener.failed(index, error);
    }
    for (const { index } of this.again.drop(ticket)) ticket.listener.failed(index, error);
  }

  /** A slot has become free, or a session was replaced. */
  wake(): void {
    this.schedule();
  }

  /** Fails everything that waits, and whatever fails or is lined up from now on, until `reopen()`. */
  close(reason: Error): void {
    this.closed = reason;
    failAll(this.again.drain(), reason);
    for (const lane of this.lanes.values()) failAll(lane.drain(), reason);
  }

  reopen(): void {
    this.closed = undefined;
  }

  /** What follows texts of its own flow that wait is bounded by the flow, not by the queue. */
  private isAdmitted({ admitted, options: { flow } }: Ticket): boolean {
    if (admitted || flow === undefined) return admitted;
    for (const lane of this.lanes.values()) if (lane.isWaiting(flow)) return true;
    return false;
  }

  private ahead(own: number): number {
    let { tokens } = this.again;
    for (const lane of this.lanes.values()) tokens += lane.ahead(own);
    return tokens;
  }

  private lane(options: TicketOptions): TurnQueue {
    const batchSize = Math.min(options.batchSize ?? this.options.maxRows, this.options.maxRows);
    const key = `${options.output} ${options.normalize} ${batchSize}`;
    let lane = this.lanes.get(key);
    if (!lane) this.lanes.set(key, (lane = new TurnQueue()));
    return lane;
  }

  private schedule(): void {
    if (this.dispatching) return;
    this.dispatching = true;
    this.clock.soon(() => {
      this.dispatching = false;
      while (this.slots.free > 0 && this.dispatch());
    });
  }

  private dispatch(): boolean {
    const now = this.clock.now();
    const again = this.again.next();
    if (again?.[0]) {
      void this.run(again, again[0].ticket.options, now);
      return true;
    }
    let oldest: Entry | undefined;
    let chosen: TurnQueue | undefined;
    for (const lane of this.lanes.values()) {
      const [head] = lane.front(1, now);
      if (head && (!oldest || head.enqueuedAt < oldest.enqueuedAt)) [oldest, chosen] = [head, lane];
    }
    if (!oldest || !chosen) return false;

    const { tokenBudget, overheadTokens, maxRows, padded, window } = this.options;
    const mostRows = Math.min(oldest.ticket.options.batchSize ?? maxRows, maxRows);
    if (!padded) {
      const entries = fill(chosen.front(mostRows, now), tokenBudget);
      chosen.remove(new Set(entries));
      void this.run(entries, oldest.ticket.options, now);
      return true;
    }
    // A busy session is given its next batch ahead only where that one is full: until then more texts may join it.
    if (this.slots.idle === 0 && chosen.tokens < tokenBudget) return false;
    const waiting = fill(chosen.front(window, now), WINDOW_BATCHES * tokenBudget);
    // With little to do, an even share for every idle session beats one full batch beside idle ones.
    const share = Math.ceil(chosen.tokens / Math.max(1, this.slots.idle));
    const budget = Math.min(tokenBudget, Math.max(share, oldest.ids.length));
    const rows = chooseBatch(
      waiting.map(({ ids }) => ids.length),
      budget,
      overheadTokens,
      mostRows,
    );
    const entries = rows.map((row) => waiting[row] as Entry);
    chosen.remove(new Set(entries));
    void this.run(entries, oldest.ticket.options, now);
    return true;
  }

  private async run(entries: readonly Entry[], { output, normalize }: TicketOptions, startedAt: number): Promise<void> {
    const lengths = Int32Array.from(entries, ({ ids }) => ids.length);
    const tokens = lengths.reduce((sum, length) => sum + length, 0);
    const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
    const ids = new Int32Array(tokens);
    let offset = 0;
    for (const entry of entries) {
      ids.set(entry.ids, offset);
      offset += entry.ids.length;
    }
    try {
      const result = await this.slots.run({ ids, lengths, output, normalize });
      check(result, output === 'tokens' ? tokens : entries.length);
      this.drain.record(tokens, result.inferMs, this.clock.now(), this.queuedTexts > 0);
      this.listener.onBatch?.({
        rows: entries.length,
        tokens,
        paddedTokens: this.options.padded ? entries.length * longest : tokens,
        inferMs: result.inferMs,
      });
      this.deliver(entries, result, output, startedAt);
    } catch (error) {
      const reason = error instanceof Error ? error : new InternalError('A batch failed', error);
      this.drain.skip();
      if (hadBegun(reason)) this.listener.onFailure?.(reason);
      // Whoever listened may have closed it over this very batch.
      if (this.closed) failAll(entries, this.closed);
      else this.again.recover(entries, reason);
    } finally {
      this.schedule();
    }
  }

  /** Never throws: what some callers have got already must not be run again for all. */
  private deliver(entries: readonly Entry[], result: SessionOutput, output: Batch['output'], startedAt: number): void {
    const { vectors, dimensions, inferMs } = result;
    let offset = 0;
    for (let from = 0, to; from < entries.length; from = to) {
      const { ticket, ids, enqueuedAt } = entries[from] as Entry;
      // One call for all texts of a request that stand side by side: post-processing many rows costs little more than one.
      for (to = from + 1; output === 'pooled' && entries[to]?.ticket === ticket;) to++;
      const share = entries.slice(from, to);
      const size = (output === 'tokens' ? ids.length : share.length) * dimensions;
      try {
        ticket.listener.done(
          share.map(({ index }) => index),
          {
            values: vectors.subarray(offset, offset + size),
            dimensions,
            queueMs: startedAt - share.reduce((first, entry) => Math.min(first, entry.enqueuedAt), enqueuedAt),
            inferMs,
            startedAt,
          },
        );
      } catch (error) {
        failAll(share, new InternalError('A finished vector could not be handed over', error));
      }
      offset += size;
    }
  }
}

/** The first entries that come to no more than the budget; at least one. */
function fill(waiting: readonly Entry[], budget: number): Entry[] {
  let tokens = 0;
  let count = 0;
  for (const { ids } of waiting) {
    tokens += ids.length;
    if (count > 0 && tokens > budget) break;
    count++;
  }
  return waiting.slice(0, count);
}

function failAll(entries: readonly Entry[], reason: Error): void {
  for (const { ticket, index } of entries) ticket.listener.failed(index, reason);
}

/** @throws InternalError when a batch's output is not what it must be */
function check({ vectors, dimensions }: SessionOutput, count: number): void {
  if (!allFinite(vectors)) {
    throw new InternalError('The backend returned a vector with NaN or infinite values; the batch was thrown away');
  }
  if (vectors.length < count * dimensions) throw new InternalError('The backend returned too few vectors');
}

/** A loop: a callback for every value would take a tenth of the main thread's time under load. */
function allFinite(values: Float32Array): boolean {
  // 0 x finite is 0; NaN and infinity give NaN, which stays.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) * 0;
  return sum === 0;
}
