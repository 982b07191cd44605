import { ApiError, ConnectionError, TimeoutError } from './errors.ts';

/** When and how often a request that failed is sent again. */
export interface RetryPolicy {
  readonly maxRetries: number;
  /** First wait; doubled each time up to `maxDelayMs`, then jittered between half and all of it. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** A server that asks for more than this gets no retry: the caller is told at once, and how long. */
  readonly maxRetryAfterMs: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxRetries: 3,
  baseDelayMs: 500,
  maxDelayMs: 8000,
  maxRetryAfterMs: 60_000,
};

/**
 * @param attempt how many retries have been made
 * @param random 0 to 1
 * @returns how long to wait before the next attempt in milliseconds, or undefined where there is to be none
 */
export function delayBefore(error: unknown, attempt: number, policy: RetryPolicy, random: number): number | undefined {
  if (attempt >= policy.maxRetries || !isTransient(error)) return undefined;
  const asked = error instanceof ApiError ? error.retryAfterMs : undefined;
  if (asked !== undefined && asked > policy.maxRetryAfterMs) return undefined;
  const backoff = jittered(backoffMs(attempt, policy.baseDelayMs, policy.maxDelayMs), random);
  // Jitter on top of what the server asks: those it turned away together should not come back together.
  return asked === undefined ? backoff : asked + backoff * 0.25;
}

/** base x 2^attempt, at most `max`. */
export function backoffMs(attempt: number, base: number, max: number): number {
  return Math.min(base * 2 ** attempt, max);
}

/** Between half and all of a wait. */
export function jittered(wait: number, random: number): number {
  return wait * (0.5 + random / 2);
}

const TRANSIENT_CODES = new Set(['RATE_LIMITED', 'OVERLOADED', 'BUFFER_FULL', 'BACKEND_UNAVAILABLE', 'INTERNAL']);
const TRANSIENT_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether the same request may succeed later. Every request of this client may be repeated without harm. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ConnectionError || error instanceof TimeoutError) return true;
  if (!(error instanceof ApiError)) return false;
  // A model that nobody is fetching does not become ready by waiting.
  if (error.code === 'MODEL_NOT_AVAILABLE') return error.retryAfterMs !== undefined;
  return TRANSIENT_CODES.has(error.code) || TRANSIENT_STATUSES.has(error.status);
}
