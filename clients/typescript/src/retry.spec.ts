import { type ApiError, apiErrorOf, ConnectionError, TimeoutError } from './errors.ts';
import { backoffMs, DEFAULT_RETRY_POLICY, delayBefore, jittered } from './retry.ts';
import { parseRetryAfter } from './retry-after.ts';

const api = (code: string, status: number, retryAfterMs?: number) =>
  apiErrorOf(code, { status, message: 'm', retryAfterMs });

describe('delayBefore', () => {
  it.each([
    ['a lost connection', new ConnectionError('m'), true],
    ['a time-out', new TimeoutError(1), true],
    ['RATE_LIMITED', api('RATE_LIMITED', 429), true],
    ['OVERLOADED', api('OVERLOADED', 429), true],
    ['BACKEND_UNAVAILABLE', api('BACKEND_UNAVAILABLE', 503), true],
    ['BACKEND_UNAVAILABLE in a stream', api('BACKEND_UNAVAILABLE', 0), true],
    ['INTERNAL', api('INTERNAL', 500), true],
    ["a proxy's 502", api('HTTP_502', 502), true],
    ['a model nobody fetches', api('MODEL_NOT_AVAILABLE', 503), false],
    ['a model that will be there in 5 s', api('MODEL_NOT_AVAILABLE', 503, 5000), true],
    ['INVALID_ARGUMENT', api('INVALID_ARGUMENT', 400), false],
    ['UNAUTHENTICATED', api('UNAUTHENTICATED', 401), false],
    ['UNIMPLEMENTED', api('UNIMPLEMENTED', 501), false],
    ['a bug here', new TypeError('m'), false],
  ])('%s', (_name, error, retried) => {
    expect(delayBefore(error, 0, DEFAULT_RETRY_POLICY, 0.5) !== undefined).toBe(retried);
  });

  it('doubles, is bounded, and lies between half and all of that', () => {
    const waits = [0, 1, 2, 3, 4, 5].map((attempt) => backoffMs(attempt, 500, 8000));
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
    expect([jittered(1000, 0), jittered(1000, 1)]).toEqual([500, 1000]);
  });

  it('ends after maxRetries', () => {
    expect(delayBefore(new ConnectionError('m'), 3, DEFAULT_RETRY_POLICY, 0)).toBeUndefined();
  });

  it('waits at least as long as the server asks', () => {
    const wait = delayBefore(api('RATE_LIMITED', 429, 7000), 0, DEFAULT_RETRY_POLICY, 0);
    expect(wait).toBeGreaterThanOrEqual(7000);
    expect(wait).toBeLessThan(7500);
  });

  it('gives up where the server asks for more than a minute, and the error says how long', () => {
    const error = api('RATE_LIMITED', 429, 61_000);
    expect(delayBefore(error, 0, DEFAULT_RETRY_POLICY, 0)).toBeUndefined();
    expect((error as ApiError).retryAfterMs).toBe(61_000);
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['7', null, 7000],
    [' 0 ', null, 0],
    ['Thu, 01 Jan 2026 00:00:09 GMT', null, 9000],
    ['Thu, 01 Jan 2026 00:00:09 GMT', 'Thu, 01 Jan 2026 00:00:05 GMT', 4000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', null, 0],
    ['soon', null, undefined],
    ['', null, undefined],
    [null, null, undefined],
  ])('%p sent at %p', (value, date, expected) => expect(parseRetryAfter(value, date, now)).toBe(expected));
});
