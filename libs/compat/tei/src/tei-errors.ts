import { Catch } from '@nestjs/common';
import { EngineError, EnvelopeFilter, InvalidArgumentError, type ErrorCode } from '@sutra-embedder/engine';

type ErrorType = 'Unhealthy' | 'Backend' | 'Overloaded' | 'Validation' | 'Tokenizer' | 'Empty';

/** What text-embeddings-inference calls an error, and its status where that is another than the engine's. */
const WORDS: Readonly<Record<ErrorCode, readonly [type: ErrorType, status?: number]>> = {
  INVALID_ARGUMENT: ['Validation', 422],
  INVALID_DIMENSIONS: ['Validation', 422],
  TEXT_REFUSED: ['Backend'],
  UNAUTHENTICATED: ['Validation'],
  PERMISSION_DENIED: ['Validation'],
  NOT_FOUND: ['Validation'],
  MODEL_NOT_FOUND: ['Validation'],
  METHOD_NOT_ALLOWED: ['Validation'],
  PAYLOAD_TOO_LARGE: ['Validation'],
  UNSUPPORTED_MEDIA_TYPE: ['Validation'],
  RATE_LIMITED: ['Overloaded'],
  OVERLOADED: ['Overloaded'],
  BUFFER_FULL: ['Overloaded'],
  CANCELLED: ['Backend'],
  INTERNAL: ['Backend'],
  UNIMPLEMENTED: ['Backend'],
  MODEL_NOT_AVAILABLE: ['Unhealthy'],
  BACKEND_UNAVAILABLE: ['Unhealthy'],
  DEADLINE_EXCEEDED: ['Backend'],
};

/** Nothing to embed, which text-embeddings-inference tells apart from what is malformed. */
export class EmptyInputError extends InvalidArgumentError {
  constructor(readonly field: string) {
    super(`\`${field}\` cannot be empty`, { field });
  }
}

/** More inputs than one request may hold: 413, as its documentation says. */
export function tooManyInputs(count: number, most: number): EngineError {
  return new EngineError('PAYLOAD_TOO_LARGE', `batch size ${count} > maximum allowed batch size ${most}`);
}

/** Errors as clients of text-embeddings-inference know them: `error` and `error_type`. */
@Catch()
export class TeiErrors extends EnvelopeFilter {
  protected envelope(error: EngineError): object {
    return { error: error.message, error_type: error instanceof EmptyInputError ? 'Empty' : WORDS[error.code][0] };
  }

  protected override statusOf(error: EngineError): number {
    return error instanceof EmptyInputError ? 400 : (WORDS[error.code][1] ?? super.statusOf(error));
  }
}
