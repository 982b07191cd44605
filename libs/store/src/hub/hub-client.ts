import type { Dispatcher, request } from 'undici';
import { DownloadError, faultOf, PassingFault } from './hub-error';
import { DEFAULT_ENDPOINT, DEFAULT_PATIENCE, type HubOptions, type Patience } from './hub-options';

/** A file in a repository at a revision. */
export interface RemoteFile {
  readonly repository: string;
  readonly revision: string;
  readonly path: string;
}

/** What the hub says about a file before it is fetched. */
export interface RemoteFacts {
  readonly bytes: number | null;
  /** SHA-256 in hex, for files in large file storage. */
  readonly sha256: string | null;
  /** SHA-1 of the git blob in hex, for the others. */
  readonly gitSha1: string | null;
  /** Commit that the revision resolved to. */
  readonly commit: string | null;
}

export interface Download {
  /** Where the body begins in the file: the offset asked for, or 0 where the hub sends all of it. */
  readonly offset: number;
  readonly totalBytes: number | null;
  readonly body: AsyncIterable<Uint8Array>;
}

interface Connection {
  readonly dispatcher: Dispatcher;
  readonly request: typeof request;
}

const MAX_REDIRECTS = 6;

/** Speaks to a Hugging Face hub, or to a mirror that speaks as it does. */
export class HubClient {
  private connection: Promise<Connection> | undefined;
  private readonly endpoint: string;
  private readonly patience: Patience;

  constructor(private readonly options: Omit<HubOptions, 'storeFolder'>) {
    this.endpoint = (options.endpoint ?? DEFAULT_ENDPOINT).replace(/\/+$/, '');
    this.patience = { ...DEFAULT_PATIENCE, ...options.patience };
  }

  /**
   * Size and hash of a file without its bytes.
   * @throws DownloadError; PassingFault for what may go through later
   */
  async facts(file: RemoteFile, signal: AbortSignal): Promise<RemoteFacts> {
    const facts: { bytes: number | null; etag: string | null; commit: string | null } = {
      bytes: null,
      etag: null,
      commit: null,
    };
    const answer = await this.follow('HEAD', file, { 'accept-encoding': 'identity' }, signal, (headers) => {
      // Only the hub's own answers speak of the file's content; those of its storage name other things.
      facts.etag = text(headers['x-linked-etag']) ?? facts.etag ?? text(headers['etag']) ?? null;
      facts.bytes ??= number(headers['x-linked-size']);
      facts.commit ??= text(headers['x-repo-commit']) ?? null;
    });
    await answer.body.dump();
    const etag = (facts.etag ?? '').replace(/^W\//, '').replaceAll('"', '');
    return {
      bytes: facts.bytes ?? number(answer.headers['content-length']),
      sha256: /^[0-9a-f]{64}$/.test(etag) ? etag : null,
      gitSha1: /^[0-9a-f]{40}$/.test(etag) ? etag : null,
      commit: facts.commit,
    };
  }

  /**
   * The bytes of a file from an offset on.
   * @throws DownloadError; PassingFault for what may go through later
   */
  async open(file: RemoteFile, offset: number, signal: AbortSignal): Promise<Download> {
    const range: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
    const answer = await this.follow('GET', file, { 'accept-encoding': 'identity', ...range }, signal);
    if (answer.statusCode === 206) {
      const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(text(answer.headers['content-range']) ?? '') ?? [];
      if (Number(from) !== offset) {
        await answer.body.dump();
        throw new PassingFault('the hub answered with another range than the one asked for');
      }
      return { offset, totalBytes: total === undefined || total === '*' ? null : Number(total), body: answer.body };
    }
    return { offset: 0, totalBytes: number(answer.headers['content-length']), body: answer.body };
  }

  async close(): Promise<void> {
    await (await this.connection)?.dispatcher.close();
  }

  /** Opened by the first download: most servers never make one, and would load a hundred modules for nothing. */
  private connect(): Promise<Connection> {
    return (this.connection ??= import('undici').then(({ EnvHttpProxyAgent, request }) => {
      const { http = '', https = '', none = '' } = this.options.proxies ?? {};
      // Empty strings keep the agent from reading the environment by itself.
      const dispatcher = new EnvHttpProxyAgent({
        httpProxy: http,
        httpsProxy: https || http,
        noProxy: none,
        connectTimeout: Math.min(this.patience.stallMs, 10_000),
        headersTimeout: this.patience.stallMs,
        bodyTimeout: this.patience.stallMs,
      });
      return { dispatcher, request };
    }));
  }

  private async follow(
    method: 'HEAD' | 'GET',
    file: RemoteFile,
    headers: Record<string, string>,
    signal: AbortSignal,
    onHubAnswer: (headers: Dispatcher.ResponseData['headers']) => void = () => undefined,
  ): Promise<Dispatcher.ResponseData> {
    const what = `${file.path} of ${file.repository} at ${file.revision}`;
    let url = new URL(
      `${this.endpoint}/${encodePath(file.repository)}/resolve/${encodeURIComponent(file.revision)}/${encodePath(file.path)}`,
    );
    const { origin } = url;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const answer = await this.ask(
        method,
        url,
        {
          ...headers,
          'user-agent': 'sutra-embedder',
          // The token belongs to the hub; its storage gets a signed address instead.
          ...(this.options.token && url.origin === origin && { authorization: `Bearer ${this.options.token}` }),
        },
        signal,
      );
      if (url.origin === origin) onHubAnswer(answer.headers);
      const location = text(answer.headers['location']);
      if (answer.statusCode >= 300 && answer.statusCode < 400 && location !== undefined) {
        await answer.body.dump();
        const next = new URL(location, url);
        if (!['http:', 'https:'].includes(next.protocol) || (url.protocol === 'https:' && next.protocol === 'http:')) {
          throw new DownloadError(`The hub redirects ${what} to an address that is not safe to follow`);
        }
        url = next;
        continue;
      }
      const fault = faultOf(answer.statusCode, what, retryAfter(text(answer.headers['retry-after'])));
      if (fault) {
        await answer.body.dump();
        throw fault;
      }
      return answer;
    }
    throw new DownloadError(`The hub redirects ${what} in a circle; check HF_ENDPOINT`);
  }

  private async ask(
    method: 'HEAD' | 'GET',
    url: URL,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { request, dispatcher } = await this.connect();
    try {
      return await request(url, { method, headers, signal, dispatcher });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new PassingFault(`the hub cannot be reached (${codeOf(error)})`, undefined, { cause: error });
    }
  }
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function number(value: string | string[] | undefined): number | null {
  const parsed = Number(text(value) ?? NaN);
  return Number.isSafeInteger(parsed) && parsed >= 0 ? parsed : null;
}

/** Seconds or a date, as RFC 9110 has it. */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return String(code ?? cause?.code ?? 'no connection');
}
