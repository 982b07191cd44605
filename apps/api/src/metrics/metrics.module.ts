import { Global, Module, type DynamicModule } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { METRICS_REGISTRY } from '@sutra-embedder/engine';
import { collectDefaultMetrics, register } from 'prom-client';
import { CALL_METRIC_PROVIDERS, CallMetrics } from './call-metrics';
import { EmbeddingMetrics, METRIC_PROVIDERS } from './embedding-metrics';
import { GuardedMetricsController, MetricsController } from './metrics.controller';
import { StreamsModule } from '../transports/streams/streams.module';
import { WsModule } from '../transports/ws/ws.module';
import { STREAM_METRIC_PROVIDERS, StreamMetrics } from './stream-metrics';

// Of the process, not of an application: there may be several of those in one process, as in tests.
collectDefaultMetrics();

/** Global: plugins register metrics of their own without importing it. */
@Global()
@Module({
  imports: [StreamsModule, WsModule],
  providers: [
    ...METRIC_PROVIDERS,
    ...CALL_METRIC_PROVIDERS,
    CallMetrics,
    EmbeddingMetrics,
    ...STREAM_METRIC_PROVIDERS,
    StreamMetrics,
    { provide: METRICS_REGISTRY, useValue: register },
  ],
  exports: [METRICS_REGISTRY, CallMetrics],
})
export class MetricsModule {
  /** @param guarded whether metrics are for operators only */
  static forRoot(guarded: boolean): DynamicModule {
    const prometheus = PrometheusModule.register({
      path: '/v1/metrics',
      controller: guarded ? GuardedMetricsController : MetricsController,
      defaultMetrics: { enabled: false },
    });
    return { module: MetricsModule, imports: [prometheus] };
  }
}
