import { Controller, Get, Header, HttpCode, Redirect, UseFilters, Query } from '@nestjs/common';
import {
  BackendUnavailableError,
  InjectEmbeddingService,
  InjectHealth,
  Public,
  type EmbeddingService,
  type ServiceHealth,
} from '@sutra-embedder/engine';
import { infoOf } from './info';
import { TeiErrors } from './tei-errors';

/** What is served, and whether it is. */
@Controller()
@UseFilters(TeiErrors)
export class TeiServiceController {
  constructor(
    @InjectEmbeddingService() private readonly embeddings: Pick<EmbeddingService, 'plan'>,
    @InjectHealth() private readonly health: ServiceHealth,
  ) {}

  @Get('info')
  async info(@Query('model') model: string | undefined) {
    return infoOf(await this.embeddings.plan({ model }));
  }

  @Get('health')
  @Public()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async check(): Promise<void> {
    const { status } = await this.health.check();
    if (status === 'unhealthy') throw new BackendUnavailableError('unhealthy');
  }

  /** Metrics are the server's own, and so is who may read them. */
  @Get('metrics')
  @Public()
  @Redirect('/v1/metrics', 308)
  metrics(): void {}
}
