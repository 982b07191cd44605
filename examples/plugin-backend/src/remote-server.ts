import { BackendUnavailableError } from '@sutra-embedder/engine';

/** What a server says about itself at GET /info. */
export interface RemoteInfo {
  readonly model_id: string;
  readonly model_dtype: string;
  readonly max_client_batch_size?: number;
}

/** A server that speaks the API of text-embeddings-inference: GET /info and POST /embed. */
export class RemoteServer {
  readonly url: string | undefined;

  /**
   * @param url where the server is, e.g. http://10.0.0.7:8080; undefined: there is none
   * @param timeoutMs longest wait for one answer
   */
  constructor(
    url: string | undefined,
    private readonly timeoutMs = 30_000,
  ) {
    if (url !== undefined && !URL.canParse(url)) {
      throw new Error(`REMOTE_EMBED_URL is "${url}", which is no URL; write one such as http://10.0.0.7:8080`);
    }
    if (!Number.isInteger(timeoutMs) || timeoutMs < 1) {
      throw new Error('REMOTE_EMBED_TIMEOUT_MS must be a whole number of milliseconds, at least 1');
    }
    this.url = url?.replace(/\/$/, '');
  }

  async info(): Promise<RemoteInfo> {
    return (await this.ask('/info')) as RemoteInfo;
  }

  /**
   * @param inputs token ids of each text, special tokens included
   * @param signal ends the request when nobody waits for it any more
   */
  async embed(inputs: readonly number[][], normalize: boolean, signal: AbortSignal): Promise<unknown> {
    return this.ask('/embed', { inputs, normalize, truncate: false }, signal);
  }

  /** Messages reach callers of the API: they name no address. */
  private async ask(path: string, body?: object, signal?: AbortSignal): Promise<unknown> {
    const limit = AbortSignal.timeout(this.timeoutMs);
    let response: Response;
    try {
      response = await fetch(`${this.url}${path}`, {
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
        ...(body && {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      });
      if (response.ok) return await response.json();
    } catch (error) {
      const what = limit.aborted ? `did not answer within ${this.timeoutMs} ms` : 'could not be reached';
      throw new BackendUnavailableError(`The remote embedding server ${what}`, [], error);
    }
    throw new BackendUnavailableError(`The remote embedding server answered ${path} with status ${response.status}`);
  }
}
