import { Injectable } from '@nestjs/common';
import {
  InjectMetric,
  makeCounterProvider,
  makeGaugeProvider,
  makeHistogramProvider,
} from '@willsoto/nestjs-prometheus';
import { Engine, EngineError, EngineEvents, ERROR_CODES } from '@sutra-embedder/engine';
import type { Counter, Gauge, Histogram } from 'prom-client';

export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The specification's two metrics, and what tells where time and padding go. Labels are bounded: no id, no text. */
export const METRIC_PROVIDERS = [
  makeCounterProvider({
    name: 'embedding_requests_total',
    help: 'Embedding requests by outcome',
    labelNames: ['status'],
  }),
  makeHistogramProvider({
    name: 'embedding_request_duration_seconds',
    help: 'Time from request to vectors',
    buckets: SECONDS,
  }),
  makeHistogramProvider({
    name: 'sutra_stage_duration_seconds',
    help: 'Time of a request in each stage: tokenize, queue (longest wait), infer (longest batch), post_process, encode (REST)',
    labelNames: ['stage'],
    buckets: SECONDS,
  }),
  makeCounterProvider({ name: 'sutra_texts_total', help: 'Texts embedded' }),
  makeCounterProvider({
    name: 'sutra_texts_reused_total',
    help: 'Texts that were not run: cached (remembered) or joined (an equal text was under way)',
    labelNames: ['how'],
  }),
  makeCounterProvider({ name: 'sutra_tokens_total', help: 'Tokens run, special tokens included' }),
  makeHistogramProvider({
    name: 'sutra_batch_tokens',
    help: 'Tokens of a batch, padding not counted',
    labelNames: ['model', 'precision'],
    buckets: [16, 32, 64, 128, 256, 512, 1024, 2048],
  }),
  makeHistogramProvider({
    name: 'sutra_batch_padding_ratio',
    help: 'Share of a batch that is padding',
    labelNames: ['model', 'precision'],
    buckets: [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8],
  }),
  makeCounterProvider({
    name: 'sutra_session_host_deaths_total',
    help: 'Session hosts that died',
    labelNames: ['backend'],
  }),
  makeGaugeProvider({
    name: 'sutra_sessions_alive',
    help: 'Sessions that can run batches, of the models that are loaded',
    labelNames: ['model', 'backend', 'precision'],
  }),
  makeGaugeProvider({ name: 'sutra_queue_texts', help: 'Texts that wait for a batch' }),
  makeGaugeProvider({ name: 'sutra_queue_tokens', help: 'Tokens that wait for a batch' }),
];

/** Turns what the engine reports into metrics. */
@Injectable()
export class EmbeddingMetrics {
  constructor(
    events: EngineEvents,
    engine: Engine,
    @InjectMetric('embedding_requests_total') requests: Counter<'status'>,
    @InjectMetric('embedding_request_duration_seconds') duration: Histogram,
    @InjectMetric('sutra_stage_duration_seconds') stages: Histogram<'stage'>,
    @InjectMetric('sutra_texts_total') texts: Counter,
    @InjectMetric('sutra_texts_reused_total') reused: Counter<'how'>,
    @InjectMetric('sutra_tokens_total') tokens: Counter,
    @InjectMetric('sutra_batch_tokens') batchTokens: Histogram<'model' | 'precision'>,
    @InjectMetric('sutra_batch_padding_ratio') padding: Histogram<'model' | 'precision'>,
    @InjectMetric('sutra_session_host_deaths_total') deaths: Counter<'backend'>,
    @InjectMetric('sutra_sessions_alive') sessions: Gauge<'model' | 'backend' | 'precision'>,
    @InjectMetric('sutra_queue_texts') queueTexts: Gauge,
    @InjectMetric('sutra_queue_tokens') queueTokens: Gauge,
  ) {
    events.on('embedded', ({ timings, tokens: count, reused: { cached, joined } }, textCount) => {
      requests.inc({ status: 'success' });
      duration.observe(timings.totalMs / 1000);
      stages.observe({ stage: 'tokenize' }, timings.tokenizeMs / 1000);
      stages.observe({ stage: 'queue' }, timings.queueMs / 1000);
      stages.observe({ stage: 'infer' }, timings.inferMs / 1000);
      stages.observe({ stage: 'post_process' }, timings.postProcessMs / 1000);
      texts.inc(textCount);
      tokens.inc(count);
      if (cached > 0) reused.inc({ how: 'cached' }, cached);
      if (joined > 0) reused.inc({ how: 'joined' }, joined);
    });
    events.on('failed', (error) => requests.inc({ status: statusOf(error) }));
    events.on('batch', ({ tokens: run, paddedTokens, model, precision }) => {
      batchTokens.observe({ model, precision }, run);
      padding.observe({ model, precision }, paddedTokens === 0 ? 0 : 1 - run / paddedTokens);
    });
    events.on('hostDeath', (_reason, backend) => deaths.inc({ backend }));
    // Read when Prometheus asks, not at every change. A model that was closed has no sessions to count.
    const collect = () => {
      sessions.reset();
      for (const { of, alive } of engine.openGroups) sessions.inc({ ...of }, alive);
    };
    Object.assign(sessions, { collect });
    Object.assign(queueTexts, { collect: () => queueTexts.set(sum(engine, 'queuedTexts')) });
    Object.assign(queueTokens, { collect: () => queueTokens.set(sum(engine, 'queuedTokens')) });
  }
}

/** One of the codes that there are: a plugin may throw anything. */
function statusOf(error: unknown): string {
  return EngineError.is(error) && ERROR_CODES.includes(error.code) ? error.code.toLowerCase() : 'internal';
}

function sum(engine: Engine, what: 'queuedTexts' | 'queuedTokens'): number {
  return engine.openGroups.reduce((total, { scheduler }) => total + scheduler[what], 0);
}
