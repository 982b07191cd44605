import {
  asEngineError,
  HTTP_STATUS,
  retryAfterSeconds,
  type EngineError,
  type ErrorCode,
  type ErrorDetails,
} from '@sutra-embedder/engine';

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

/** An error in the specification's envelope. */
export function toEnvelope({ code, message, details }: EngineError, requestId: string): ErrorEnvelope {
  return { error: { code, message, ...(details && { details }), request_id: requestId } };
}

/** Any thrown value in the specification's envelope, with its status. */
export function toHttpError(thrown: unknown, requestId: string): HttpError {
  const error = asEngineError(thrown);
  return {
    status: HTTP_STATUS[error.code],
    body: toEnvelope(error, requestId),
    retryAfterSeconds: retryAfterSeconds(error),
  };
}
