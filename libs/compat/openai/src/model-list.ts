import { Injectable } from '@nestjs/common';
import { ExtendRoute, InjectEngine, type Engine, type ExtendedRequest, type ModelEntry } from '@sutra-embedder/engine';

/** GET /v1/models and GET /v1/models/{id} carry OpenAI's fields beside the native ones. */
@Injectable()
export class OpenAiModelList {
  constructor(@InjectEngine() private readonly engine: Pick<Engine, 'names'>) {}

  /** Every name that `model` can be at this moment: presets, ready models, aliases. */
  @ExtendRoute({ method: 'GET', path: '/v1/models' })
  async list(body: object): Promise<object> {
    const { models } = body as { models: readonly { model_id: string }[] };
    const listed = new Set(models.map(({ model_id: id }) => id));
    const names = (await this.engine.names.list()).filter(({ entry }) => listed.has(entry.id));
    return { object: 'list', data: names.map(({ name, entry }) => describe(name, entry)), ...body };
  }

  @ExtendRoute(
    { method: 'GET', path: '/v1/models/:model_id' },
    { method: 'GET', path: '/v1/models/:organization/:model_id' },
  )
  async get(body: object, { params }: ExtendedRequest): Promise<object> {
    const { organization, model_id: id = '' } = params;
    const name = organization === undefined ? id : `${organization}/${id}`;
    return { ...describe(name, await this.engine.names.entry(name)), ...body };
  }
}

/** When a model was made is not known here; OpenAI's clients want a number. */
function describe(id: string, { aliases = [] }: ModelEntry): object {
  const [organization] = aliases.find((alias) => alias.includes('/'))?.split('/') ?? [];
  return { id, object: 'model', created: 0, owned_by: organization ?? 'local' };
}
