import { apiUrl } from './base-url.ts';
import { EmbedMany, type EmbedManyOptions, type Texts } from './embed-many.ts';
import { embedBody, parse, readEmbedResult, type EmbedResult } from './embed-result.ts';
import { embedStream, type EmbedStreamOptions, type StreamedEmbedding } from './embed-stream.ts';
import { environmentVariable } from './environment.ts';
import { downloadModel, type DownloadOptions } from './download-model.ts';
import { HttpClient, type RequestOptions } from './http.ts';
import { DEFAULT_RETRY_POLICY } from './retry.ts';
import type {
  DownloadStatus,
  EmbedParams,
  EncodingFormat,
  Health,
  ListedModel,
  ModelsParams,
  StreamingConfig,
} from './wire.ts';

export interface SutraEmbedderOptions {
  /** Where the server is, with or without `/v1`. Default: SUTRA_BASE_URL, else http://127.0.0.1:8080. */
  readonly baseUrl?: string;
  /** Default: SUTRA_API_KEY, else none. */
  readonly apiKey?: string;
  /** How long one attempt may take in milliseconds. Default 60,000. */
  readonly timeoutMs?: number;
  /** How often a request that failed for a passing reason is sent again. Default 3; embedMany 8. */
  readonly maxRetries?: number;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the platform's. */
  readonly fetch?: typeof fetch;
}

/** embedMany outlives a restart of the server: these reach over about 40 seconds. */
const RETRIES_OF_MANY = 8;

/**
 * Client of a Sutra-Embedder server. One instance serves any number of concurrent calls and needs no closing.
 * Every method throws a SutraEmbedderError, or the reason of the signal it was given.
 */
export class SutraEmbedder {
  private readonly http: HttpClient;
  private readonly maxRetries: number | undefined;

  /** @throws TypeError where baseUrl is no URL */
  constructor(options: SutraEmbedderOptions = {}) {
    this.maxRetries = options.maxRetries;
    this.http = new HttpClient({
      baseUrl: apiUrl(options.baseUrl),
      apiKey: options.apiKey ?? environmentVariable('SUTRA_API_KEY'),
      headers: options.headers ?? {},
      timeoutMs: options.timeoutMs ?? 60_000,
      retry: { ...DEFAULT_RETRY_POLICY, maxRetries: options.maxRetries ?? DEFAULT_RETRY_POLICY.maxRetries },
      fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
      random: Math.random,
    });
  }

  /**
   * Vectors of 1 to 1000 texts, in their order, by one request.
   * `encoding_format` decides what they are: float and base64 (the default) give Float32Array, packed gives the codes:
   * Int8Array for int8 and int4, Uint8Array of bits for binary.
   */
  embed<F extends EncodingFormat = 'base64'>(
    texts: string | readonly string[],
    params: EmbedParams<F> = {},
    options: RequestOptions = {},
  ): Promise<EmbedResult<F>> {
    return this.send(typeof texts === 'string' ? [texts] : texts, params, options);
  }

  /**
   * Vectors of any number of texts, by several requests. Iterate what it returns, or await its `all()`.
   * @param texts a list, or anything that can be iterated, also asynchronously
   */
  embedMany<F extends EncodingFormat = 'base64'>(
    texts: Texts,
    params: EmbedParams<F> = {},
    options: EmbedManyOptions = {},
  ): EmbedMany<F> {
    const { timeoutMs, headers, maxRetries = this.maxRetries ?? RETRIES_OF_MANY } = options;
    const embed = (batch: { texts: readonly string[] }, signal: AbortSignal, onRetry: () => void) =>
      this.send(batch.texts, params, { timeoutMs, headers, maxRetries, signal }, onRetry);
    return new EmbedMany<F>(texts, embed, options);
  }

  /** Vectors one by one as they are ready, not in order, over one HTTP response for each 1000 texts. */
  embedStream<F extends EncodingFormat = 'base64'>(
    texts: readonly string[],
    config: StreamingConfig<F> = {},
    options: EmbedStreamOptions = {},
  ): AsyncGenerator<StreamedEmbedding<F>, void, undefined> {
    return embedStream(this.http, texts, config, options);
  }

  /** The models this server knows. */
  async models(params: ModelsParams = {}, options: RequestOptions = {}): Promise<ListedModel[]> {
    const query = new URLSearchParams(
      Object.entries(params).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, String(value)]],
      ),
    ).toString();
    const path = query === '' ? '/models' : `/models?${query}`;
    const { models } = await this.http.call({ method: 'GET', path }, options, readJson<{ models: ListedModel[] }>);
    return models;
  }

  /**
   * Has the server fetch a model, and waits until it is ready.
   * @throws DownloadFailedError where it will not be
   */
  downloadModel(modelId: string, options: DownloadOptions = {}): Promise<DownloadStatus> {
    const path = `/models/${encodeURIComponent(modelId)}`;
    const begin = () => this.http.call({ method: 'POST', path: `${path}/download` }, options, readJson<DownloadStatus>);
    const look = async () => {
      const model = await this.http.call({ method: 'GET', path }, options, readJson<ListedModel & DownloadStatus>);
      return { ...model, status: model.state };
    };
    return downloadModel(modelId, begin, look, options);
  }

  /** How the server is. An unhealthy one is an answer, not an error. */
  health(options: RequestOptions = {}): Promise<Health> {
    return this.http.call({ method: 'GET', path: '/health', alsoFine: [503] }, options, readJson<Health>);
  }

  private send<F extends EncodingFormat>(
    texts: readonly string[],
    params: EmbedParams<F>,
    options: RequestOptions,
    onRetry?: () => void,
  ): Promise<EmbedResult<F>> {
    return this.http.call(
      { method: 'POST', path: '/embeddings', body: embedBody(texts, params) },
      options,
      (response) => readEmbedResult(response, texts.length, params),
      onRetry,
    );
  }
}

async function readJson<T>(response: Response): Promise<T> {
  return parse<T>(await response.text());
}
