import { Controller, Post, UseFilters } from '@nestjs/common';
import { EngineError } from '@sutra-embedder/engine';
import { TeiErrors } from './tei-errors';

/** Routes for models of other kinds than are served here. */
@Controller()
@UseFilters(TeiErrors)
export class TeiNotHereController {
  @Post('rerank')
  rerank(): never {
    throw notHere('rerank texts; embed the query and the texts, and compare them: POST /similarity does both');
  }

  @Post('predict')
  predict(): never {
    throw notHere('classify texts; serve a classifier with text-embeddings-inference itself');
  }

  @Post('embed_sparse')
  embedSparse(): never {
    throw notHere('make sparse vectors; POST /embed makes dense ones');
  }
}

function notHere(what: string): EngineError {
  return new EngineError('UNIMPLEMENTED', `This server does not ${what}`);
}
