import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { EmbeddingProbe } from './embedding-probe';
import { HealthController } from './health.controller';
import { HealthService } from './health.service';
import { Indicators } from './indicators';
import { PluginIndicators } from './plugin-indicators';
import { Readiness } from './readiness';
import { RequestRate } from './request-rate';

@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [EmbeddingProbe, HealthService, Indicators, PluginIndicators, Readiness, RequestRate],
  exports: [HealthService, Readiness],
})
export class HealthModule {}
