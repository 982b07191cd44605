import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { Engine } from '@sutra-embedder/engine';
import { EmbeddingProbe } from './embedding-probe';
import { Readiness } from './readiness';

/** Above this the server answers, but late. */
const SLOW_LOOP_MS = 1_000;
/** Above this share of the memory limit the kernel is close to ending the process. */
const HIGH_MEMORY = 0.95;

@Injectable()
export class Indicators implements OnModuleInit, OnModuleDestroy {
  private readonly delay = monitorEventLoopDelay({ resolution: 20 });

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly probe: EmbeddingProbe,
    private readonly engine: Engine,
    private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.delay.enable();
  }

  onModuleDestroy(): void {
    this.delay.disable();
  }

  /** A real text was embedded not long ago. */
  embedding(): HealthIndicatorResult<'embedding'> {
    const check = this.indicators.check('embedding');
    const { last } = this.probe;
    return last?.ok
      ? check.up({ ageMs: Date.now() - last.at })
      : check.down({ reason: last ? 'the last probe failed' : 'no probe has run yet' });
  }

  async models(): Promise<HealthIndicatorResult<'models'>> {
    const check = this.indicators.check('models');
    const ready = (await this.engine.models.list()).filter(({ state }) => state === 'ready');
    return ready.length > 0 ? check.up({ ready: ready.length }) : check.down({ reason: 'no model is ready' });
  }

  /** A model that was asked for could not be loaded; the others serve, and it is tried again by itself. */
  loading(): HealthIndicatorResult<'loading'> {
    const check = this.indicators.check('loading');
    const failed = this.engine.failedLoads;
    return failed.length === 0
      ? check.up()
      : check.down({ reason: failed.map(({ model, reason }) => `${model}: ${reason}`).join('; ') });
  }

  /** A backend that keeps failing is left alone for a while; another serves where one can. */
  backends(): HealthIndicatorResult<'backends'> {
    const check = this.indicators.check('backends');
    const { outages, lingeringSessions } = this.engine;
    const reasons = outages.map(({ model, backend, reason }) => `${model} on ${backend}: ${reason}`);
    if (lingeringSessions > 0) {
      reasons.push(
        `${lingeringSessions} session(s) hang in native code, which only a restart ends; SUTRA_ISOLATION=process can end them`,
      );
    }
    return reasons.length === 0 ? check.up() : check.down({ reason: reasons.join('; ') });
  }

  eventLoop(): HealthIndicatorResult<'eventLoop'> {
    const p99 = this.delay.percentile(99) / 1e6;
    this.delay.reset();
    const check = this.indicators.check('eventLoop');
    return p99 < SLOW_LOOP_MS ? check.up({ p99 }) : check.down({ p99 });
  }

  memory(): HealthIndicatorResult<'memory'> {
    const share = process.memoryUsage.rss() / this.engine.inventory.memory.limitBytes;
    const check = this.indicators.check('memory');
    return share < HIGH_MEMORY ? check.up({ share }) : check.down({ share });
  }

  serving(): HealthIndicatorResult<'serving'> {
    const check = this.indicators.check('serving');
    return this.readiness.shuttingDown ? check.down({ reason: 'the server is shutting down' }) : check.up();
  }
}
