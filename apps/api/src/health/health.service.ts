import { Injectable } from '@nestjs/common';
import { HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { Engine, ENGINE_VERSION } from '@sutra-embedder/engine';
import type { HealthResponseDto } from '../transports/rest/dto/responses.dto';
import { EmbeddingProbe } from './embedding-probe';
import { Indicators } from './indicators';
import { PluginIndicators } from './plugin-indicators';
import { RequestRate } from './request-rate';

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

/** Without these nothing can be served; with the others down the server still answers, but not well. */
const VITAL = ['embedding', 'models', 'serving'];

@Injectable()
export class HealthService {
  constructor(
    private readonly terminus: HealthCheckService,
    private readonly indicators: Indicators,
    private readonly plugins: PluginIndicators,
    private readonly rate: RequestRate,
    private readonly probe: EmbeddingProbe,
    private readonly engine: Engine,
  ) {}

  /** Terminus gathers, the specification's HealthResponse leaves. */
  async check(): Promise<HealthResponseDto> {
    const { details } = await this.gather();
    const up = (name: string) => details[name]?.status === 'up';
    return {
      status: statusOf(Object.keys(details).filter((name) => !up(name))),
      timestamp: new Date().toISOString(),
      version: ENGINE_VERSION,
      checks: {
        models_available: up('embedding'),
        gpu_accessible: this.engine.inventory.accelerators.length > 0,
        model_cache_healthy: up('models') && up('loading'),
      },
      performance: this.rate.report(),
    };
  }

  /** Seconds since a text was last embedded to see whether that works. */
  get probeAgeSeconds(): number | undefined {
    return this.probe.last && Math.floor((Date.now() - this.probe.last.at) / 1000);
  }

  private async gather(): Promise<HealthCheckResult> {
    try {
      return await this.terminus.check([
        () => this.indicators.embedding(),
        () => this.indicators.models(),
        () => this.indicators.loading(),
        () => this.indicators.backends(),
        () => this.indicators.serving(),
        () => this.indicators.eventLoop(),
        () => this.indicators.memory(),
        ...this.plugins.all(),
      ]);
    } catch (error) {
      // Terminus throws what it found once anything is down.
      const found = (error as { getResponse?(): unknown }).getResponse?.() as HealthCheckResult | undefined;
      if (found?.details) return found;
      throw error;
    }
  }
}

export function statusOf(down: readonly string[]): HealthStatus {
  if (down.some((name) => VITAL.includes(name))) return 'unhealthy';
  return down.length > 0 ? 'degraded' : 'healthy';
}
