import { HttpException } from '@nestjs/common';
import { EngineError } from '@sutra-embedder/engine';

/** Any thrown value as an error of the engine. What is not the caller's to know becomes INTERNAL. */
export function toEngineError(thrown: unknown): EngineError {
  if (EngineError.is(thrown)) return thrown;
  if (thrown instanceof HttpException && thrown.getStatus() < 500) {
    return new EngineError('INVALID_ARGUMENT', 'The request could not be read', { cause: thrown });
  }
  return new EngineError(
    'INTERNAL',
    'The server failed to answer this request; its log has the reason under the id of this answer',
    { cause: thrown },
  );
}
