import type { Logger } from 'pino';
import type { Call, CallSummary } from './call';
import { readTraceParent } from './trace-parent';

/** What asks every few seconds, and is of interest only to someone who looks for it. */
const PROBES = new Set(['GET /livez', 'GET /readyz', 'GET /v1/health', 'GET /v1/metrics']);

/** One line for each call. */
export abstract class AccessLog {
  abstract write(call: Call, summary: CallSummary, ms: number): void;
}

export class NoAccessLog extends AccessLog {
  write(): void {}
}

/** Lines of the service's one log; those of probes at debug level. */
export class PinoAccessLog extends AccessLog {
  constructor(private readonly logger: Logger) {
    super();
  }

  write({ start, span }: Call, summary: CallSummary, ms: number): void {
    const { transport, route, requestId, parent } = start;
    const { status, errorCode, principal, texts, tokens, ran } = summary;
    const line = {
      requestId,
      traceId: span?.traceId ?? readTraceParent(parent)?.traceId,
      transport,
      route,
      status,
      code: errorCode,
      ms: Math.round(ms * 100) / 100,
      texts: texts || undefined,
      tokens: tokens || undefined,
      model: ran?.model,
      principal,
    };
    if (PROBES.has(route)) this.logger.debug(line, 'call');
    else this.logger.info(line, 'call');
  }
}
