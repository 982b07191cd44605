import { EngineError } from '../errors';

/** Any thrown value as an error with a code. What is not the caller's to know becomes INTERNAL. */
export function asEngineError(thrown: unknown): EngineError {
  return EngineError.is(thrown) ? thrown : translate(thrown);
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
