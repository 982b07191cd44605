import { Injectable } from '@nestjs/common';
import { EngineEvents } from '@sutra-embedder/engine';

const WINDOW_S = 60;

interface Second {
  at: number;
  requests: number;
  latencyMs: number;
}

/** Requests and their mean latency over the last minute, in one-second buckets. */
@Injectable()
export class RequestRate {
  private readonly seconds: Second[] = Array.from({ length: WINDOW_S }, () => ({ at: -1, requests: 0, latencyMs: 0 }));
  private readonly startedAt = Date.now();

  constructor(events: EngineEvents) {
    events.on('embedded', ({ timings }) => this.count(Date.now(), timings.totalMs));
  }

  report(now = Date.now()): { avg_latency_ms: number; requests_per_second: number } {
    const second = Math.floor(now / 1000);
    const recent = this.seconds.filter(({ at }) => at > second - WINDOW_S && at <= second);
    const requests = recent.reduce((sum, bucket) => sum + bucket.requests, 0);
    const latency = recent.reduce((sum, bucket) => sum + bucket.latencyMs, 0);
    const span = Math.min(WINDOW_S, Math.max(1, (now - this.startedAt) / 1000));
    return {
      avg_latency_ms: requests === 0 ? 0 : Math.round((latency / requests) * 100) / 100,
      requests_per_second: Math.round((requests / span) * 100) / 100,
    };
  }

  private count(now: number, latencyMs: number): void {
    const second = Math.floor(now / 1000);
    const bucket = this.seconds[second % WINDOW_S] as Second;
    if (bucket.at !== second) Object.assign(bucket, { at: second, requests: 0, latencyMs: 0 });
    bucket.requests++;
    bucket.latencyMs += latencyMs;
  }
}
