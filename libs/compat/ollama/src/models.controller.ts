import { Body, Controller, Get, HttpCode, Post, Res, StreamableFile, UseFilters } from '@nestjs/common';
import { InjectEngine, readBody, RequireScope, type Engine, type ServedName } from '@sutra-embedder/engine';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { describeModel } from './describe-model';
import { servedName, tagged } from './model-name';
import { OllamaErrors } from './ollama-errors';
import { pullProgress } from './pull-progress';

const named = { model: z.string().max(256).nullish(), name: z.string().max(256).nullish() };
const ShowBody = z.looseObject(named);
const PullBody = z.strictObject({
  ...named,
  stream: z.boolean().nullish(),
  // Ollama reads them no more.
  insecure: z.boolean().nullish(),
  username: z.string().nullish(),
  password: z.string().nullish(),
});

/** Of an HTTP reply, what is used here. Fastify's has it. */
interface Reply {
  header(name: string, value: string): unknown;
}

/** What models there are. */
@Controller('api')
@UseFilters(OllamaErrors)
export class OllamaModelsController {
  constructor(@InjectEngine() private readonly engine: Pick<Engine, 'names' | 'models' | 'store'>) {}

  @Get('tags')
  async tags(): Promise<object> {
    const names = await this.engine.names.list();
    return { models: await Promise.all(names.map((name) => this.listed(name))) };
  }

  @Post('show')
  @HttpCode(200)
  async show(@Body() body: unknown): Promise<object> {
    const { model: name, name: old } = readBody(ShowBody, body);
    const entry = await this.engine.names.entry(servedName(name ?? old));
    const model = await this.engine.models.locate(entry.id);
    const { modified_at, details } = await describeModel(model);
    return {
      license: model.license,
      modelfile: '',
      parameters: '',
      template: '',
      details,
      model_info: {
        'general.architecture': model.family,
        'general.basename': model.name,
        [`${model.family}.context_length`]: model.maxTokens,
        [`${model.family}.embedding_length`]: model.dimensions,
      },
      capabilities: ['embedding'],
      modified_at,
    };
  }

  @Post('pull')
  @HttpCode(200)
  @RequireScope('embedding.write')
  async pull(@Body() body: unknown, @Res({ passthrough: true }) reply: Reply): Promise<object> {
    const { model: name, name: old, stream } = readBody(PullBody, body);
    const { id } = await this.engine.names.entry(servedName(name ?? old));
    // A download that cannot begin has a status of its own.
    await this.engine.store.download(id);
    if (stream === false) {
      await this.engine.store.settled(id);
      return { status: 'success' };
    }
    reply.header('cache-control', 'no-store');
    return new StreamableFile(Readable.from(pullProgress(this.engine.store, id)), { type: 'application/x-ndjson' });
  }

  private async listed({ name, entry }: ServedName): Promise<object> {
    const description = await describeModel(await this.engine.models.locate(entry.id));
    return { name: tagged(name), model: tagged(name), ...description };
  }
}
