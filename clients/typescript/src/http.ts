import { Deadline } from './deadline.ts';
import { errorOf } from './error-response.ts';
import { ConnectionError, SutraEmbedderError } from './errors.ts';
import { delayBefore, type RetryPolicy } from './retry.ts';
import { sleep } from './sleep.ts';
import { checkServerVersion, CLIENT_VERSION, VERSION_HEADER } from './version.ts';

/** How one request is made; each overrides what the client was created with. */
export interface RequestOptions {
  /** Ends the request; what is thrown then is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long one attempt may take in milliseconds; of a stream: how long nothing may arrive. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** How often a request that failed for a passing reason is sent again. Default 3. */
  readonly maxRetries?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface HttpSettings {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly fetch: typeof fetch;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
}

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly accept?: string;
  /** Error statuses whose body is an answer all the same. */
  readonly alsoFine?: readonly number[];
}

/** A response whose body has yet to be read. Whoever opened it closes it. */
export interface Exchange {
  readonly response: Response;
  readonly deadline: Deadline;
  /** What an error while reading means to the caller. */
  explain(error: unknown): unknown;
  /** Gives the connection up where the body was not read to its end. */
  close(): void;
}

/** Makes requests: keys, deadlines, retries, errors. What bodies mean is not its concern. */
export class HttpClient {
  constructor(private readonly settings: HttpSettings) {}

  /**
   * Sends until there is an answer and it could be read.
   * @throws SutraEmbedderError, or the signal's reason
   */
  call<T>(
    call: Call,
    options: RequestOptions,
    read: (response: Response) => Promise<T>,
    onRetry?: (error: unknown) => void,
  ): Promise<T> {
    return this.retrying(
      async () => {
        const exchange = await this.open(call, options);
        try {
          const result = await read(exchange.response);
          exchange.deadline.end();
          return result;
        } catch (error) {
          const explained = exchange.explain(error);
          exchange.close();
          throw explained;
        }
      },
      options,
      onRetry,
    );
  }

  /** Repeats what fails for a passing reason, as the policy allows. */
  async retrying<T>(
    attempt: () => Promise<T>,
    { signal, maxRetries }: RequestOptions,
    onRetry?: (error: unknown) => void,
  ): Promise<T> {
    const policy = { ...this.settings.retry, ...(maxRetries !== undefined && { maxRetries }) };
    for (let retries = 0; ; retries++) {
      try {
        return await attempt();
      } catch (error) {
        const wait = signal?.aborted ? undefined : delayBefore(error, retries, policy, this.settings.random());
        if (wait === undefined) throw error;
        onRetry?.(error);
        await sleep(wait, signal);
      }
    }
  }

  /**
   * One attempt, up to the headers of a good answer.
   * @throws SutraEmbedderError, or the signal's reason
   */
  async open(call: Call, { signal, timeoutMs, headers }: RequestOptions): Promise<Exchange> {
    const deadline = new Deadline(timeoutMs ?? this.settings.timeoutMs, signal);
    const explain = (error: unknown) => this.explain(error, deadline);
    try {
      const response = await this.send(call, headers, deadline.signal);
      checkServerVersion(response.headers.get(VERSION_HEADER));
      if (!response.ok && !call.alsoFine?.includes(response.status)) throw await errorOf(response, Date.now());
      return { response, deadline, explain, close: () => deadline.abandon() };
    } catch (error) {
      const explained = explain(error);
      deadline.abandon();
      throw explained;
    }
  }

  private send(call: Call, headers: RequestOptions['headers'], signal: AbortSignal): Promise<Response> {
    const { apiKey } = this.settings;
    return this.settings.fetch(this.settings.baseUrl + call.path, {
      method: call.method,
      headers: {
        accept: call.accept ?? 'application/json',
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
        // Not x-api-key: of the two only this one is taken off when a redirect leads to another host.
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        'x-sutra-client': `typescript/${CLIENT_VERSION}`,
        ...this.settings.headers,
        ...headers,
      },
      ...(call.body !== undefined && { body: call.body }),
      signal,
    });
  }

  private explain(error: unknown, { signal }: Deadline): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof SutraEmbedderError) return error;
    return new ConnectionError(
      `The connection to ${this.settings.baseUrl} failed (${reasonOf(error)}). Is the server running there?`,
      { cause: error },
    );
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message ?? String(error);
}
