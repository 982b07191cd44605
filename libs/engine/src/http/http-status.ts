import type { EngineError, ErrorCode } from '../errors';

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

/** The value of a Retry-After header, or undefined where trying again makes no sense by itself. */
export function retryAfterSeconds({ retryAfterMs }: EngineError): number | undefined {
  return retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(retryAfterMs / 1000));
}
