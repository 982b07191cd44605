import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import type { CallStart, CallSummary } from '../telemetry/call';
import { SECONDS } from './embedding-metrics';

export const CALL_METRIC_PROVIDERS = [
  makeCounterProvider({
    name: 'sutra_calls_total',
    help: 'Calls of clients, in the status words of their transport: HTTP status, gRPC status, WebSocket close code',
    labelNames: ['transport', 'route', 'status'],
  }),
  makeCounterProvider({
    name: 'sutra_call_errors_total',
    help: 'Calls that failed, by the code of the error',
    labelNames: ['transport', 'code'],
  }),
  makeHistogramProvider({
    name: 'sutra_call_duration_seconds',
    help: 'Time from the first byte of a call to the last of its answer; connections that carry calls are not counted',
    labelNames: ['transport', 'route'],
    buckets: SECONDS,
  }),
];

/** A WebSocket connection lasts as long as its client likes: its length says nothing. */
const CONNECTION = '/v1/ws';

/** Calls by outcome. Routes are patterns, statuses those of the transport: a client can make up neither. */
@Injectable()
export class CallMetrics {
  constructor(
    @InjectMetric('sutra_calls_total') private readonly calls: Counter<'transport' | 'route' | 'status'>,
    @InjectMetric('sutra_call_errors_total') private readonly errors: Counter<'transport' | 'code'>,
    @InjectMetric('sutra_call_duration_seconds') private readonly duration: Histogram<'transport' | 'route'>,
    @InjectMetric('sutra_stage_duration_seconds') private readonly stages: Histogram<'stage'>,
  ) {}

  count({ transport, route }: CallStart, { status, errorCode, encodeMs }: CallSummary, ms: number): void {
    this.calls.inc({ transport, route, status });
    if (errorCode) this.errors.inc({ transport, code: errorCode });
    if (route !== CONNECTION) this.duration.observe({ transport, route }, ms / 1000);
    if (encodeMs > 0) this.stages.observe({ stage: 'encode' }, encodeMs / 1000);
  }
}
