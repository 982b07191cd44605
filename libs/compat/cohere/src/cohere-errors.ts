import { Catch } from '@nestjs/common';
import { EnvelopeFilter, type EngineError, type FailedRequest } from '@sutra-embedder/engine';

/** Errors as Cohere's clients know them: the status makes the exception, `message` says why. */
@Catch()
export class CohereErrors extends EnvelopeFilter {
  protected envelope({ message }: EngineError, _status: number, { id }: FailedRequest): object {
    return { id, message };
  }
}
