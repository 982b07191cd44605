import { Catch } from '@nestjs/common';
import { EnvelopeFilter, type EngineError } from '@sutra-embedder/engine';

/** Errors as Ollama's clients know them: a sentence in `error`, the status beside it. */
@Catch()
export class OllamaErrors extends EnvelopeFilter {
  protected envelope({ message }: EngineError): object {
    return { error: message };
  }
}
