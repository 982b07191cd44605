import { OverloadedError } from '../errors';

export interface AdmissionLimits {
  readonly maxQueuedTokens: number;
  readonly maxWaitMs: number;
}

/** What is known of a queue. */
export interface QueueView {
  tokens(): number;
  texts(): number;
  /** Tokens that go before a text which a new request lines up behind `own` tokens of its own. */
  ahead(own: number): number;
  /** Tokens a millisecond; 0 while unknown. */
  drainRate(): number;
  now(): number;
}

/**
 * How much longer than its turn a text may wait: it is run among texts of its length. Under ten times the load that mixed
 * texts allow, waits spread by a fifth around the expected one.
 */
const SPREAD = 1.2;

/** What a caller is told where no rate has been measured. */
const UNKNOWN_RETRY_MS = 1000;

/**
 * Whether a request may line up. Its wait is what goes before its last text, in fair turns, at the measured drain rate:
 * so a short request is taken while long ones wait, since it goes before most of their texts.
 */
export class Admission {
  /** Tokens that were refused and told when to come back, as far as there has been no time for them yet. */
  private promised = 0;
  private promisedAt = 0;

  constructor(
    private readonly limits: AdmissionLimits,
    private readonly queue: QueueView,
  ) {}

  /**
   * Before any text is read. Refuses only what `check` would refuse whatever the texts are.
   * @throws OverloadedError
   */
  precheck(texts: number): void {
    const queued = this.queue.tokens();
    if (queued === 0) return;
    // No text has fewer tokens than one.
    this.checkRoom(queued, texts);
    this.checkWait(queued, 0, texts * (queued / Math.max(1, this.queue.texts())));
  }

  /**
   * @param expected tokens of the whole request, as far as can be told
   * @throws OverloadedError
   */
  check(texts: readonly { readonly ids: Int32Array }[], expected: number): void {
    const queued = this.queue.tokens();
    const last = texts.at(-1);
    if (queued === 0 || !last) return;
    let tokens = 0;
    for (const { ids } of texts) tokens += ids.length;
    tokens = Math.max(tokens, expected);
    this.checkRoom(queued, tokens);
    this.checkWait(queued, tokens - last.ids.length, tokens);
  }

  private checkRoom(queued: number, tokens: number): void {
    const over = queued + tokens - this.limits.maxQueuedTokens;
    if (over <= 0) return;
    throw this.refusal(over, tokens, { queued_tokens: queued, max_queued_tokens: this.limits.maxQueuedTokens });
  }

  /** @param own tokens of the request before its last text @param tokens all of them */
  private checkWait(queued: number, own: number, tokens: number): void {
    const room = (this.limits.maxWaitMs * this.queue.drainRate()) / SPREAD;
    // No more can go before it than waits, and that is told without looking at every text.
    if (room === 0 || queued <= room) return;
    const ahead = this.queue.ahead(own);
    if (ahead <= room) return;
    throw this.refusal(ahead - room, tokens, {
      queued_tokens: queued,
      wait_ms: Math.round((ahead * SPREAD) / this.queue.drainRate()),
      max_wait_ms: this.limits.maxWaitMs,
    });
  }

  /**
   * When it makes sense to try again: once the excess has drained, and as much as was refused before and told to come
   * back, since a moment that is named to everybody is honest to nobody. No further ahead than one full queue.
   */
  private refusal(over: number, tokens: number, details: Record<string, number>): OverloadedError {
    const rate = this.queue.drainRate();
    const now = this.queue.now();
    const most = rate * this.limits.maxWaitMs;
    this.promised = Math.max(0, this.promised - rate * (now - this.promisedAt));
    this.promisedAt = now;
    const wait = rate === 0 ? UNKNOWN_RETRY_MS : Math.ceil((over + this.promised) / rate);
    this.promised = Math.min(most, this.promised + tokens);
    return new OverloadedError('More waits than this server gets through in time; try again later', wait, details);
  }
}
