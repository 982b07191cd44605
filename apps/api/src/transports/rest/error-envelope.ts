import { EngineError, type ErrorCode, type ErrorDetails } from '@sutra-embedder/engine';

/** The one mapping from the engine's codes to HTTP. */
export const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  INVALID_DIMENSIONS: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  MODEL_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  TEXT_REFUSED: 422,
  RATE_LIMITED: 429,
  OVERLOADED: 429,
  BUFFER_FULL: 429,
  CANCELLED: 499,
  INTERNAL: 500,
  UNIMPLEMENTED: 501,
  MODEL_NOT_AVAILABLE: 503,
  BACKEND_UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

export interface ErrorEnvelope {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly details?: ErrorDetails;
    readonly request_id: string;
  };
}

export interface HttpError {
  readonly status: number;
  readonly body: ErrorEnvelope;
  readonly retryAfterSeconds: number | undefined;
}

/** Any thrown value as the specification's envelope. What is not the caller's to know becomes INTERNAL. */
export function toHttpError(thrown: unknown, requestId: string): HttpError {
  const error = EngineError.is(thrown) ? thrown : translate(thrown);
  return {
    status: HTTP_STATUS[error.code],
    body: {
      error: {
        code: error.code,
        message: error.message,
        ...(error.details && { details: error.details }),
        request_id: requestId,
      },
    },
    retryAfterSeconds: error.retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(error.retryAfterMs / 1000)),
  };
}

/** Errors of the framework, by what they state about themselves. */
function translate(thrown: unknown): EngineError {
  switch ((thrown as { code?: unknown } | null)?.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new EngineError(
        'PAYLOAD_TOO_LARGE',
        'The request body is larger than this server takes (SUTRA_BODY_LIMIT_MB)',
      );
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return new EngineError('INVALID_ARGUMENT', 'The request has no body; send a JSON object');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new EngineError('INVALID_ARGUMENT', 'The request body does not have the length its header says');
  }
  const status = statusOf(thrown);
  if (status === 404)
    return new EngineError('NOT_FOUND', 'There is nothing at this path; GET /docs lists what there is');
  if (status === 415)
    return new EngineError('UNSUPPORTED_MEDIA_TYPE', 'Send the request as content-type: application/json');
  if (status === 413) return new EngineError('PAYLOAD_TOO_LARGE', 'The request is larger than this server takes');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new EngineError('INVALID_ARGUMENT', 'The request could not be read');
  }
  return new EngineError(
    'INTERNAL',
    'The server failed to answer this request; its log has the reason under this request_id',
    {
      cause: thrown,
    },
  );
}

/** By shape, not by class: a plugin may have brought its own copy of Nest's HttpException. */
function statusOf(thrown: unknown): unknown {
  const { getStatus, statusCode } = (thrown ?? {}) as { getStatus?: unknown; statusCode?: unknown };
  return typeof getStatus === 'function' ? getStatus.call(thrown) : statusCode;
}
