import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CallMetrics } from '../metrics/call-metrics';
import { AccessLog } from './access-log';
import { Call, type CallStart, type CallSummary } from './call';
import { Tracer } from './tracer';

/** Follows every call of every transport, from its first byte to its last. */
@Injectable()
export class Calls implements OnApplicationShutdown {
  constructor(
    private readonly tracer: Tracer,
    private readonly log: AccessLog,
    private readonly metrics: CallMetrics,
  ) {}

  /** A request of a client; it gets a line in the access log. */
  begin(start: CallStart): Call {
    return new Call(start, this.tracer.begin(start), this.logged);
  }

  /** A connection that carries calls of its own: a line in the log and no span, for it may last for days. */
  connected(start: CallStart): Call {
    return new Call(start, undefined, this.logged);
  }

  /** A call over a connection: a span, and no line of its own in the log. */
  within(connection: Call, route: string): Call {
    const start = { ...connection.start, route };
    const call = new Call(start, this.tracer.begin(start), this.counted, connection);
    call.principal = connection.principal;
    return call;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.tracer.close();
  }

  private readonly counted = (call: Call, summary: CallSummary): void => {
    this.metrics.count(call.start, summary, performance.now() - call.startedAt);
  };

  private readonly logged = (call: Call, summary: CallSummary): void => {
    const ms = performance.now() - call.startedAt;
    this.metrics.count(call.start, summary, ms);
    this.log.write(call, summary, ms);
  };
}
