import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HEALTH } from '@sutra-embedder/engine';
import { EmbeddingProbe } from './embedding-probe';
import { HealthController } from './health.controller';
import { HealthService } from './health.service';
import { Indicators } from './indicators';
import { PluginIndicators } from './plugin-indicators';
import { Readiness } from './readiness';
import { RequestRate } from './request-rate';

/** Global: plugins ask for health without importing it. */
@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [
    EmbeddingProbe,
    HealthService,
    { provide: HEALTH, useExisting: HealthService },
    Indicators,
    PluginIndicators,
    Readiness,
    RequestRate,
  ],
  exports: [HealthService, HEALTH, Readiness],
})
export class HealthModule {}
