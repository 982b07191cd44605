/** Everything this client throws, other than a caller's own abort reason, is one of these. `code` is stable. */
export class SutraEmbedderError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The server could not be reached, or the connection broke. Trying again may help. */
export class ConnectionError extends SutraEmbedderError {
  constructor(message: string, options?: ErrorOptions) {
    super('CONNECTION_ERROR', message, options);
  }
}

/** No complete answer within `timeoutMs`. */
export class TimeoutError extends SutraEmbedderError {
  constructor(readonly timeoutMs: number) {
    super('TIMEOUT', `The server gave no complete answer within ${timeoutMs} ms (timeoutMs)`);
  }
}

/** An answer with status 200 that is not what this client knows: often another server at this address. */
export class UnexpectedResponseError extends SutraEmbedderError {
  constructor(message: string, options?: ErrorOptions) {
    super('UNEXPECTED_RESPONSE', message, options);
  }
}

/** Client and server speak different major versions; the message says which side to update. */
export class VersionMismatchError extends SutraEmbedderError {
  constructor(
    message: string,
    readonly serverVersion: string,
    readonly clientVersion: string,
  ) {
    super('VERSION_MISMATCH', message);
  }
}

/** A model could not be downloaded. */
export class DownloadFailedError extends SutraEmbedderError {
  constructor(model: string, status: string, reason?: string) {
    super('DOWNLOAD_FAILED', `The download of ${model} ended as "${status}": ${reason ?? "the server's log has more"}`);
  }
}

/** What the server said about a request that it did not serve. */
export interface ApiErrorFields {
  /** HTTP status; 0 over a WebSocket. */
  readonly status: number;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** Under which the server's log has the request. */
  readonly requestId?: string | undefined;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Over a WebSocket: which chunk. */
  readonly chunkId?: string | undefined;
}

/** The server answered with an error. Subclasses name the codes that programs tell apart. */
export class ApiError extends SutraEmbedderError {
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly chunkId: string | undefined;

  constructor(code: string, fields: ApiErrorFields) {
    super(code, fields.message);
    this.status = fields.status;
    this.details = fields.details;
    this.requestId = fields.requestId;
    this.retryAfterMs = fields.retryAfterMs;
    this.chunkId = fields.chunkId;
  }
}

/** A field has a value that cannot be served; `details.field` names it. */
export class InvalidArgumentError extends ApiError {}
/** The vector length is not one this model can make. */
export class InvalidDimensionsError extends InvalidArgumentError {}
/** A text ended the server's session twice and is refused for a while; `details.field` names it. */
export class TextRefusedError extends InvalidArgumentError {}
/** No key, or one the server does not know. */
export class UnauthenticatedError extends ApiError {}
/** The key may not do this. */
export class PermissionDeniedError extends ApiError {}
/** Nothing is at this path. */
export class NotFoundError extends ApiError {}
/** The server knows no model of this name; `details.known` lists those it knows. */
export class ModelNotFoundError extends NotFoundError {}
/** The model is known and not ready; `downloadModel` may fetch it. */
export class ModelNotAvailableError extends ApiError {}
/** The request is larger than the server takes. */
export class PayloadTooLargeError extends ApiError {}
/** Too many requests from this key or address. */
export class RateLimitedError extends ApiError {}
/** The server's queue is full. */
export class OverloadedError extends ApiError {}
/** A stream holds as many chunks as its buffer_size. */
export class BufferFullError extends ApiError {}
/** Nothing on the server can run the request just now. */
export class BackendUnavailableError extends ApiError {}
/** The server gave up, for its own deadline had passed. */
export class DeadlineExceededError extends ApiError {}
/** The server cannot do this yet. */
export class UnimplementedError extends ApiError {}
/** The server failed; its log has the reason under `requestId`. */
export class InternalError extends ApiError {}

const CLASSES: Readonly<Record<string, typeof ApiError>> = {
  INVALID_ARGUMENT: InvalidArgumentError,
  INVALID_DIMENSIONS: InvalidDimensionsError,
  TEXT_REFUSED: TextRefusedError,
  UNAUTHENTICATED: UnauthenticatedError,
  PERMISSION_DENIED: PermissionDeniedError,
  NOT_FOUND: NotFoundError,
  MODEL_NOT_FOUND: ModelNotFoundError,
  MODEL_NOT_AVAILABLE: ModelNotAvailableError,
  PAYLOAD_TOO_LARGE: PayloadTooLargeError,
  RATE_LIMITED: RateLimitedError,
  OVERLOADED: OverloadedError,
  BUFFER_FULL: BufferFullError,
  BACKEND_UNAVAILABLE: BackendUnavailableError,
  DEADLINE_EXCEEDED: DeadlineExceededError,
  UNIMPLEMENTED: UnimplementedError,
  INTERNAL: InternalError,
};

/** The class of a code; ApiError itself for codes this client does not know. */
export function apiErrorOf(code: string, fields: ApiErrorFields): ApiError {
  const known = Object.hasOwn(CLASSES, code) ? CLASSES[code] : undefined;
  return new (known ?? ApiError)(code, fields);
}
