import { All, Controller, Get, Header, UseFilters } from '@nestjs/common';
import { EngineError, ENGINE_VERSION, Public } from '@sutra-embedder/engine';
import { OllamaErrors } from './ollama-errors';

/** What clients ask to see whether anybody is there, and what only Ollama does. */
@Controller()
@UseFilters(OllamaErrors)
export class OllamaServiceController {
  /** Programs look for these very words. */
  @Get()
  @Public()
  @Header('content-type', 'text/plain; charset=utf-8')
  root(): string {
    return 'Ollama is running';
  }

  @Get('api/version')
  version(): { version: string } {
    return { version: ENGINE_VERSION };
  }

  @All(['generate', 'chat', 'create', 'copy', 'delete', 'push', 'ps'].map((name) => `api/${name}`))
  notHere(): never {
    throw new EngineError(
      'UNIMPLEMENTED',
      'This server makes embeddings: POST /api/embed, /api/embeddings, /api/show, /api/pull; GET /api/tags, /api/version',
    );
  }
}
