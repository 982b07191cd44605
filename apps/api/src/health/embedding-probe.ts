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
    const worked: boolean[] = [];
    for (const model of this.configuration.preload) worked.push(await this.embed(model));
    this.note(worked.length === 0 ? await this.embed(undefined) : worked.includes(true));
    this.timer = setInterval(() => void this.probe(), EVERY_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** One model that works is enough to be alive; those that do not make the service degraded. */
  private async probe(): Promise<void> {
    const { preload } = this.configuration;
    for (const model of preload.length > 0 ? preload : [undefined]) {
      if (await this.embed(model)) return this.note(true);
    }
    this.note(false);
  }

  private note(ok: boolean): void {
    this.result = { ok, at: Date.now() };
  }

  private async embed(model: string | undefined): Promise<boolean> {
    try {
      await this.embeddings.embed({ texts: ['health'], model });
      return true;
    } catch (error) {
      this.logger.error(`The embedding probe of ${model ?? 'the default preset'} failed: ${(error as Error).message}`);
      return false;
    }
  }
}
