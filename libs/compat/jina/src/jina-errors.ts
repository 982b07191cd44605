import { Catch } from '@nestjs/common';
import { EnvelopeFilter, type EngineError } from '@sutra-embedder/engine';

/** Errors as Jina's clients know them: they raise what `detail` says wherever an answer has no `data`. */
@Catch()
export class JinaErrors extends EnvelopeFilter {
  protected envelope({ message }: EngineError): object {
    return { detail: message };
  }
}
