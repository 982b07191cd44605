/** How the hub is reached and where its files go. The application reads its environment and passes this. */
export interface HubOptions {
  /** Default https://huggingface.co. */
  readonly endpoint?: string | undefined;
  /** Sent to the endpoint's own origin only. */
  readonly token?: string | undefined;
  /** Never touch the network. */
  readonly offline?: boolean | undefined;
  /** An existing Hugging Face cache (`.../hub`), read and never written. */
  readonly cacheFolder?: string | undefined;
  /** Where downloaded models are kept. */
  readonly storeFolder: string;
  readonly proxies?: Proxies | undefined;
  readonly patience?: Partial<Patience> | undefined;
}

export interface Proxies {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  /** Hosts that are reached directly, as in NO_PROXY. */
  readonly none?: string | undefined;
}

/** How long is waited for what. */
export interface Patience {
  /** For an answer to begin, and between two pieces of it. */
  readonly stallMs: number;
  /** Tries in a row that bring nothing before a download fails. */
  readonly attempts: number;
  /** Wait before the second try; doubled for each further one, up to `longestWaitMs`. */
  readonly firstWaitMs: number;
  /** Also the most that is waited because a Retry-After says so. */
  readonly longestWaitMs: number;
}

export const DEFAULT_PATIENCE: Patience = Object.freeze({
  stallMs: 30_000,
  attempts: 6,
  firstWaitMs: 500,
  longestWaitMs: 120_000,
});

export const DEFAULT_ENDPOINT = 'https://huggingface.co';
