import { Body, Controller, HttpCode, Post, Query, UseFilters } from '@nestjs/common';
import { InjectEmbeddingService, InvalidArgumentError, readBody, type EmbeddingService } from '@sutra-embedder/engine';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { modelOption, textOptions } from './embed-request';
import { readInputs } from './inputs';
import { TeiErrors } from './tei-errors';
import { tokensOf, type SimpleToken } from './tokens';

const TokenizeBody = z.strictObject({
  inputs: z.unknown(),
  add_special_tokens: z.boolean().default(true),
  prompt_name: textOptions.prompt_name,
  ...modelOption,
});
const DecodeBody = z.strictObject({
  ids: z.unknown(),
  skip_special_tokens: z.boolean().default(true),
  ...modelOption,
});

@Controller()
@UseFilters(TeiErrors)
export class TeiTokensController {
  constructor(@InjectEmbeddingService() private readonly embeddings: Pick<EmbeddingService, 'plan'>) {}

  @Post('tokenize')
  @HttpCode(200)
  async tokenize(@Body() body: unknown, @Query('model') queried: string | undefined): Promise<SimpleToken[][]> {
    const { inputs, add_special_tokens, prompt_name, model } = readBody(TokenizeBody, body);
    const texts = readInputs(inputs);
    const plan = await this.embeddings.plan({ model: model ?? queried });
    return inTurns(texts, (text) => {
      if (typeof text !== 'string') throw new InvalidArgumentError('`inputs` must be a text or an array of texts');
      return tokensOf(text, plan, add_special_tokens, prompt_name ?? undefined);
    });
  }

  @Post('decode')
  @HttpCode(200)
  async decode(@Body() body: unknown, @Query('model') queried: string | undefined): Promise<string[]> {
    const { ids, skip_special_tokens, model } = readBody(DecodeBody, body);
    const { tokenizer } = await this.embeddings.plan({ model: model ?? queried });
    return inTurns(readInputs(ids, 'ids'), (one) => {
      if (typeof one === 'string') throw new InvalidArgumentError('`ids` must be token ids', { field: 'ids' });
      return tokenizer.decode(one, skip_special_tokens ? 'left out' : 'kept');
    });
  }
}

/** The event loop gets its turn between texts, which may be long. */
async function inTurns<In, Out>(values: readonly In[], work: (value: In) => Out): Promise<Out[]> {
  const done: Out[] = [];
  let from = performance.now();
  for (const value of values) {
    done.push(work(value));
    if (performance.now() - from < 4) continue;
    await nextTurn();
    from = performance.now();
  }
  return done;
}
