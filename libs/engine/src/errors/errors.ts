import { EngineError, type ErrorDetails } from './engine-error';

/** A field of a request has a value that cannot be served. `details.field` names it. */
export class InvalidArgumentError extends EngineError {
  constructor(message: string, details?: ErrorDetails) {
    super('INVALID_ARGUMENT', message, { ...(details && { details }) });
  }
}

export const MIN_DIMENSIONS = 64;
export const MAX_DIMENSIONS = 4096;

/** The requested vector length is not an integer from 64 to 4096, or cannot be made by this model. */
export class InvalidDimensionsError extends EngineError {
  constructor(
    requested: unknown,
    message = `Dimensions must be an integer between ${MIN_DIMENSIONS} and ${MAX_DIMENSIONS}`,
  ) {
    super('INVALID_DIMENSIONS', message, {
      details: {
        field: 'dimensions',
        requested_dimensions: requested,
        min_supported: MIN_DIMENSIONS,
        max_supported: MAX_DIMENSIONS,
      },
    });
  }
}

/**
 * Nobody knows who is calling. The same words whatever is wrong with the key or token: they tell a guesser nothing.
 */
export class UnauthenticatedError extends EngineError {
  constructor(cause?: unknown) {
    super('UNAUTHENTICATED', 'A valid API key or token is needed: send X-API-Key, or Authorization: Bearer', { cause });
  }
}

/** The caller is known and lacks the scope for this. */
export class PermissionDeniedError extends EngineError {
  constructor(requiredScope: string) {
    super('PERMISSION_DENIED', `This needs the scope ${requiredScope}, which your key or token does not have`, {
      details: { required_scope: requiredScope },
    });
  }
}

/** Nothing here has this name. */
export class ModelNotFoundError extends EngineError {
  constructor(model: string, known: readonly string[]) {
    super(
      'MODEL_NOT_FOUND',
      `Model "${model}" is not known here. Known: ${known.join(', ')}. The operator can serve one of them under this name: SUTRA_ALIASES=${model}=${known[0] ?? 'efficient'}`,
      { details: { field: 'model', model, known } },
    );
  }
}

/** The model is known but not ready to serve. */
export class ModelNotAvailableError extends EngineError {
  constructor(message: string, details?: ErrorDetails) {
    super('MODEL_NOT_AVAILABLE', message, { ...(details && { details }) });
  }
}

/** What was tried and why it was not taken. */
export interface Rejection {
  readonly id: string;
  readonly reason: string;
}

/** Nothing on this machine can run what was asked, or what ran it has died. */
export class BackendUnavailableError extends EngineError {
  constructor(message: string, tried: readonly Rejection[] = [], cause?: unknown, retryAfterMs?: number) {
    super('BACKEND_UNAVAILABLE', message, {
      details: { tried },
      cause,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
}

/** A backend failed so often that it is left alone for a while; why is for the log. Another may serve. */
export class BackendFailingError extends BackendUnavailableError {
  constructor(retryAfterMs: number, tried: readonly Rejection[] = []) {
    super('The backend keeps failing and is left alone for now; try again later', tried, undefined, retryAfterMs);
  }
}

/** A text ended the session that ran it, twice; for a while it is refused before it can end another. */
export class TextRefusedError extends EngineError {
  /**
   * @param sha256 of its token ids: by this the log knows it
   * @param index its place in the request
   * @param textsField what the request calls its texts
   */
  constructor(
    readonly sha256: string,
    readonly index: number,
    textsField = 'texts',
  ) {
    const field = `${textsField}[${index}]`;
    super(
      'TEXT_REFUSED',
      `${field} ended the session that computed it, twice, and is refused for now; send the others without it`,
      { details: { field, sha256 } },
    );
  }
}

/** The queue is full; nothing of the request was accepted. */
export class OverloadedError extends EngineError {
  constructor(message: string, retryAfterMs: number, details?: ErrorDetails) {
    super('OVERLOADED', message, { retryAfterMs, ...(details && { details }) });
  }
}

/** So many texts of a stream are unread that it takes no more for now; this text was not accepted. */
export class BufferFullError extends EngineError {
  constructor(bufferSize: number, retryAfterMs: number) {
    super('BUFFER_FULL', `${bufferSize} texts of this stream are unread; read or wait, then send the text again`, {
      retryAfterMs,
      details: { buffer_size: bufferSize },
    });
  }
}

/** The caller went away or gave up. */
export class CancelledError extends EngineError {
  constructor(message = 'The request was cancelled by its caller') {
    super('CANCELLED', message);
  }
}

/** The request's deadline passed before its vectors were ready. */
export class DeadlineExceededError extends EngineError {
  constructor(message = 'The deadline of the request passed before it was done') {
    super('DEADLINE_EXCEEDED', message);
  }
}

/** A fault of ours. The cause is for the log, not for the caller. */
export class InternalError extends EngineError {
  constructor(message: string, cause?: unknown) {
    super('INTERNAL', message, { cause });
  }
}

/** Known, named, and not built yet. */
export class UnimplementedError extends EngineError {
  constructor(message: string) {
    super('UNIMPLEMENTED', message);
  }
}

/** The mark by which a PluginError of another copy of the engine is known too. */
const PLUGIN_MARK = Symbol.for('@sutra-embedder/engine:plugin-error');

/** A plugin broke its contract; stops the boot. */
export class PluginError extends Error {
  constructor(
    readonly plugin: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`Plugin "${plugin}": ${message}`, options);
    this.name = 'PluginError';
    Object.defineProperty(this, PLUGIN_MARK, { value: true });
  }

  static is(error: unknown): error is PluginError {
    return typeof error === 'object' && error !== null && PLUGIN_MARK in error;
  }
}
