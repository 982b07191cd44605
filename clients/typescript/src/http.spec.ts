import { ApiError, ConnectionError, RateLimitedError, TimeoutError, VersionMismatchError } from './errors.ts';
import { HttpClient, type HttpSettings } from './http.ts';

const GET = { method: 'GET', path: '/x' } as const;
const text = (response: Response) => response.text();

function client(fetchOnce: typeof fetch, more: Partial<HttpSettings> = {}): HttpClient {
  const retry = { maxRetries: 2, baseDelayMs: 1, maxDelayMs: 2, maxRetryAfterMs: 1000 };
  const settings = {
    baseUrl: 'http://test/v1',
    apiKey: undefined,
    headers: {},
    timeoutMs: 1000,
    random: () => 0,
    retry,
  };
  return new HttpClient({ ...settings, fetch: fetchOnce, ...more });
}
const answers = (...list: (Response | Error)[]) => {
  const calls: RequestInit[] = [];
  const fetchOnce = (async (_: unknown, init: RequestInit) => {
    calls.push(init);
    const next = list[Math.min(calls.length, list.length) - 1];
    if (next instanceof Error) throw next;
    return next?.clone();
  }) as typeof fetch;
  return { calls, fetchOnce };
};
const envelope = (status: number, code: string, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ error: { code, message: 'said', details: { field: 'f' }, request_id: 'r1' } }), {
    status,
    headers,
  });
/** Never answers; ends as fetch does when its signal aborts. */
const silent = ((_: unknown, { signal }: RequestInit) =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))) as typeof fetch;

describe('HttpClient', () => {
  it('sends again after a lost connection and after a passing error', async () => {
    const { calls, fetchOnce } = answers(
      new TypeError('fetch failed'),
      envelope(503, 'BACKEND_UNAVAILABLE'),
      new Response('ok'),
    );
    const retried: unknown[] = [];
    expect(await client(fetchOnce).call(GET, {}, text, (error) => retried.push(error))).toBe('ok');
    expect(calls).toHaveLength(3);
    expect(retried).toEqual([expect.any(ConnectionError), expect.any(ApiError)]);
  });

  it('sends again where the body breaks off', async () => {
    const { calls, fetchOnce } = answers(new Response('a'), new Response('b'));
    const read = async (response: Response) => {
      if ((await response.text()) === 'a') throw new TypeError('terminated');
      return 'whole';
    };
    expect(await client(fetchOnce).call(GET, {}, read)).toBe('whole');
    expect(calls).toHaveLength(2);
  });

  it('throws typed errors with all that the server said', async () => {
    const { calls, fetchOnce } = answers(envelope(429, 'RATE_LIMITED', { 'retry-after': '2' }));
    const error = await client(fetchOnce)
      .call(GET, {}, text)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error).toMatchObject({
      code: 'RATE_LIMITED',
      name: 'RateLimitedError',
      status: 429,
      message: 'said',
      details: { field: 'f' },
      requestId: 'r1',
      retryAfterMs: 2000,
    });
    // It asks for more than this client's bound of 1000 ms.
    expect(calls).toHaveLength(1);
  });

  it.each([
    ['HTML of a proxy', '<h1>Bad gateway</h1>', 'HTTP_502', /HTTP 502 .*Bad gateway/],
    ['nothing', '', 'HTTP_502', /no body/],
    ['a code of the future', '{"error":{"code":"NEW_CODE","message":"m"}}', 'NEW_CODE', /^m$/],
    ['a name of Object', '{"error":{"code":"constructor","message":"m"}}', 'constructor', /^m$/],
  ])('understands an error that holds %s', async (_name, body, code, message) => {
    const { fetchOnce } = answers(new Response(body, { status: 502, statusText: 'Bad Gateway' }));
    const error = await client(fetchOnce)
      .call(GET, { maxRetries: 0 }, text)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('gives up on a silent server after timeoutMs, each time anew', async () => {
    const error = await client(silent)
      .call(GET, { timeoutMs: 5, maxRetries: 1 }, text)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timeoutMs: 5 });
  });

  it("throws the signal's reason, while it waits for an answer, a body or the next attempt", async () => {
    const reason = new Error('enough');
    const { fetchOnce: failing } = answers(new TypeError('fetch failed'));
    const slowly = { retry: { maxRetries: 9, baseDelayMs: 60_000, maxDelayMs: 60_000, maxRetryAfterMs: 0 } };
    const endless = new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }));
    const open = (async (_: unknown, { signal }: RequestInit) => {
      signal?.addEventListener('abort', () => void endless.body?.cancel().catch(() => undefined));
      return endless;
    }) as typeof fetch;
    const read = (response: Response) =>
      new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`body of ${response.status} gone`)), 20));
    const waits: [HttpClient, (response: Response) => Promise<unknown>][] = [
      [client(silent), text],
      [client(open), read],
      [client(failing, slowly), text],
    ];
    for (const [http, reader] of waits) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 5);
      await expect(http.call(GET, { signal: controller.signal }, reader)).rejects.toBe(reason);
    }
    await expect(client(silent).call(GET, { signal: AbortSignal.abort(reason) }, text)).rejects.toBe(reason);
  });

  it('sends its key as a bearer token, and only what belongs to the request', async () => {
    const { calls, fetchOnce } = answers(new Response('ok'));
    await client(fetchOnce, { apiKey: 'k' }).call(
      { ...GET, method: 'POST', body: '{}' },
      { headers: { a: 'b' } },
      text,
    );
    expect(calls[0]?.headers).toMatchObject({ authorization: 'Bearer k', a: 'b', 'content-type': 'application/json' });
    await client(fetchOnce).call(GET, {}, text);
    expect(calls[1]?.headers).not.toHaveProperty('authorization');
    expect(calls[1]?.headers).not.toHaveProperty('content-type');
  });

  it('refuses a server of another major version, whatever it answers', async () => {
    const { calls, fetchOnce } = answers(envelope(404, 'NOT_FOUND', { 'x-sutra-version': '2.0.0' }));
    await expect(client(fetchOnce).call(GET, {}, text)).rejects.toThrow(VersionMismatchError);
    expect(calls).toHaveLength(1);
  });
});
