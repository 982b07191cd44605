import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EmbeddingService } from '@sutra-embedder/engine';
import { InjectConfiguration } from '../config/configuration.token';
import type { Configuration } from '../config/configuration';

const EVERY_MS = 15_000;

export interface ProbeResult {
  readonly ok: boolean;
  readonly at: number;
}

/** Embeds a real text in the background, so that asking for health costs nothing and never waits for a model. */
@Injectable()
export class EmbeddingProbe implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(EmbeddingProbe.name);
  private timer: NodeJS.Timeout | undefined;
  private result: ProbeResult | undefined;

  constructor(
    private readonly embeddings: EmbeddingService,
    @InjectConfiguration() private readonly configuration: Configuration,
  ) {}

  /** The last result, or undefined before the first. */
  get last(): ProbeResult | undefined {
    return this.result;
  }

  /** Opens what is to be ready before the first request and proves it. */
  async onApplicationBootstrap(): Promise<void> {
    for (const model of this.configuration.preload) await this.embed(model);
    this.timer = setInterval(() => void this.embed(this.configuration.preload[0]), EVERY_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async embed(model: string | undefined): Promise<void> {
    try {
      await this.embeddings.embed({ texts: ['health'], model });
      this.result = { ok: true, at: Date.now() };
    } catch (error) {
      this.result = { ok: false, at: Date.now() };
      this.logger.error(`The embedding probe of ${model ?? 'the default preset'} failed: ${(error as Error).message}`);
    }
  }
}
