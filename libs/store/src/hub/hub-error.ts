import { ModelNotAvailableError, type ErrorDetails } from '@sutra-embedder/engine';

/** A download that cannot go on. The message says what to do about it; a caller may see it. */
export class DownloadError extends ModelNotAvailableError {}

/** A passing fault: the same request may go through later. Never leaves the store. */
export class PassingFault extends Error {
  constructor(
    message: string,
    /** How long the other side asks to be left alone. */
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the hub's status means for a file; undefined for one that can be read. */
export function faultOf(status: number, what: string, retryAfterMs: number | undefined): Error | undefined {
  const details: ErrorDetails = { status };
  if (status === 200 || status === 206) return undefined;
  if (status === 401 || status === 403) {
    return new DownloadError(
      `The hub refuses ${what} (${status}). If the model is gated, accept its terms on the hub and set HF_TOKEN to a token that may read it`,
      details,
    );
  }
  if (status === 404 || status === 410) return new DownloadError(`The hub does not have ${what} (${status})`, details);
  if (status === 408 || status === 429 || status >= 500) {
    return new PassingFault(`the hub answered ${status}`, retryAfterMs);
  }
  return new DownloadError(`The hub answered ${status} for ${what}; check HF_ENDPOINT`, details);
}
