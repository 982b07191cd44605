/**
 * Stable codes of everything that can go wrong. Each transport maps them once to its own status.
 */
export const ERROR_CODES = [
  'INVALID_ARGUMENT',
  'INVALID_DIMENSIONS',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'MODEL_NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'TEXT_REFUSED',
  'RATE_LIMITED',
  'OVERLOADED',
  'BUFFER_FULL',
  'CANCELLED',
  'INTERNAL',
  'UNIMPLEMENTED',
  'MODEL_NOT_AVAILABLE',
  'BACKEND_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export type ErrorDetails = Readonly<Record<string, unknown>>;

/** The mark by which errors of another copy of the engine are known too; `instanceof` would miss them. */
const MARK = Symbol.for('@sutra-embedder/engine:error');

/**
 * Base of all errors a caller can meet. `message` and `details` are for the caller: no paths, no secrets, no texts.
 * What only an operator may see goes into `cause`.
 */
export class EngineError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;
  /** When trying again makes sense, in milliseconds from now. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: ErrorDetails; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
    Object.defineProperty(this, MARK, { value: true });
  }

  static is(error: unknown): error is EngineError {
    return typeof error === 'object' && error !== null && MARK in error;
  }
}
