import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { BackendsModule } from '@sutra-embedder/backends';
import { EngineModule } from '@sutra-embedder/engine';
import { HardwareModule } from '@sutra-embedder/hardware';
import { QuantizationModule } from '@sutra-embedder/quantization';
import { StoreModule } from '@sutra-embedder/store';
import type { Logger } from 'pino';
import type { Configuration } from './config/configuration';
import { ConfigurationModule } from './config/configuration.module';
import { EngineLog } from './logging/engine-log';
import { loadTuning } from './config/tuning-file';
import { HealthModule } from './health/health.module';
import { MetricsModule } from './metrics/metrics.module';
import { LimitsModule } from './limits/limits.module';
import { SecurityModule } from './security/security.module';
import { SystemModule } from './system/system.module';
import { TelemetryModule } from './telemetry/telemetry.module';
import { RouteClaimsModule } from './plugins/route-claims.module';
import { GrpcModule } from './transports/grpc/grpc.module';
import { RestModule } from './transports/rest/rest.module';
import { WsModule } from './transports/ws/ws.module';

/** Composition root: the engine, its strategies, and the transports. */
@Module({})
export class AppModule {
  static forRoot(configuration: Configuration, logger: Logger, plugins: readonly Type[] = []): DynamicModule {
    const { modelFolders, modelMemoryBytes, aliases, hub, catalogueFile, cacheBytes, tuningFile } = configuration;
    const { tokenBudget, maxQueuedTokens, maxWaitMs, hosting } = configuration;
    return {
      module: AppModule,
      imports: [
        ConfigurationModule.forRoot(configuration),
        EngineModule.forRoot({
          modelFolders,
          cacheBytes,
          tuning: loadTuning(tuningFile),
          modelMemoryBytes,
          hosting,
          aliases,
          scheduler: {
            ...(tokenBudget && { tokenBudget }),
            ...(maxQueuedTokens && { maxQueuedTokens }),
            ...(maxWaitMs && { maxWaitMs }),
          },
        }),
        BackendsModule,
        StoreModule.forRoot({ modelFolders, hub, catalogueFile }),
        QuantizationModule,
        HardwareModule,
        LimitsModule,
        SecurityModule,
        TelemetryModule.forRoot(configuration, logger),
        RestModule,
        RouteClaimsModule,
        GrpcModule,
        WsModule,
        HealthModule,
        MetricsModule.forRoot(configuration.security.metricsAuth),
        SystemModule,
        ...plugins,
      ],
      providers: [EngineLog],
    };
  }
}
