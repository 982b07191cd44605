import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EmbeddingService } from '@sutra-embedder/engine';
import { InjectConfiguration } from '../config/configuration.token';
import type { Configuration } from '../config/configuration';
import { Readiness } from './readiness';

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
  private warmUp: Promise<void> = Promise.resolve();
  private closing = false;

  constructor(
    private readonly embeddings: EmbeddingService,
    private readonly readiness: Readiness,
    @InjectConfiguration() private readonly configuration: Configuration,
  ) {}

  /** The last result, or undefined before the first. */
  get last(): ProbeResult | undefined {
    return this.result;
  }

  /** Resolves once what is to be ready before the first request is open, and has proved itself or failed to. */
  get warm(): Promise<void> {
    return this.warmUp;
  }

  /** The server answers meanwhile, and says that it is not ready: a large model takes its time. */
  onApplicationBootstrap(): void {
    this.warmUp = this.openPreloaded();
  }

  onModuleDestroy(): void {
    this.closing = true;
    clearInterval(this.timer);
  }

  private async openPreloaded(): Promise<void> {
    const worked: boolean[] = [];
    for (const model of this.configuration.preload) worked.push(await this.embed(model));
    this.note(worked.length === 0 ? await this.embed(undefined) : worked.includes(true));
    if (this.closing) return;
    this.timer = setInterval(() => void this.probe(), EVERY_MS);
    this.timer.unref();
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
    this.readiness.note(ok);
  }

  private async embed(model: string | undefined): Promise<boolean> {
    try {
      await this.embeddings.embed({ texts: ['health'], model });
      return true;
    } catch (error) {
      // Sessions that are closed under it say nothing about the model.
      if (this.closing) return false;
      this.logger.error(`The embedding probe of ${model ?? 'the default preset'} failed: ${(error as Error).message}`);
      return false;
    }
  }
}
