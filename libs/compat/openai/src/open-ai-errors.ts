import { Catch } from '@nestjs/common';
import { EnvelopeFilter, type EngineError, type ErrorCode, type ErrorReply } from '@sutra-embedder/engine';
import type { FailedRequest } from '@sutra-embedder/engine';

/** What OpenAI calls an error: its `type` and `code`. */
const WORDS: Readonly<Record<ErrorCode, readonly [type: string, code: string | null]>> = {
  INVALID_ARGUMENT: ['invalid_request_error', null],
  INVALID_DIMENSIONS: ['invalid_request_error', null],
  UNAUTHENTICATED: ['invalid_request_error', 'invalid_api_key'],
  PERMISSION_DENIED: ['invalid_request_error', 'insufficient_permissions'],
  NOT_FOUND: ['invalid_request_error', 'unknown_url'],
  MODEL_NOT_FOUND: ['invalid_request_error', 'model_not_found'],
  METHOD_NOT_ALLOWED: ['invalid_request_error', 'method_not_supported'],
  PAYLOAD_TOO_LARGE: ['invalid_request_error', 'request_too_large'],
  UNSUPPORTED_MEDIA_TYPE: ['invalid_request_error', 'unsupported_content_type'],
  TEXT_REFUSED: ['invalid_request_error', 'text_refused'],
  RATE_LIMITED: ['requests', 'rate_limit_exceeded'],
  OVERLOADED: ['server_error', 'overloaded'],
  BUFFER_FULL: ['server_error', 'overloaded'],
  CANCELLED: ['invalid_request_error', 'request_cancelled'],
  INTERNAL: ['server_error', null],
  UNIMPLEMENTED: ['invalid_request_error', 'unsupported'],
  MODEL_NOT_AVAILABLE: ['server_error', 'model_not_available'],
  BACKEND_UNAVAILABLE: ['server_error', 'backend_unavailable'],
  DEADLINE_EXCEEDED: ['server_error', 'timeout'],
};

/** Errors as OpenAI's clients know them: each becomes their own exception by its status, with `type`, `param`, `code`. */
@Catch()
export class OpenAiErrors extends EnvelopeFilter {
  protected envelope({ code, message, details }: EngineError): object {
    const [type, word] = WORDS[code];
    const field = details?.['field'];
    return { error: { message, type, param: typeof field === 'string' ? field : null, code: word } };
  }

  protected override understand(thrown: unknown, request: FailedRequest, reply: ErrorReply): EngineError {
    const error = super.understand(thrown, request, reply);
    // Their clients send a request again on any 5xx unless they are told that it is of no use.
    if (error.code === 'UNIMPLEMENTED' || error.code === 'MODEL_NOT_AVAILABLE') reply.header('x-should-retry', 'false');
    return error;
  }
}
