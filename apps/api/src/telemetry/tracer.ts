import type { CallStage, CallStart, CallSummary } from './call';

/** The spans of one call: one for the call, and one for each of its stages. */
export interface CallSpan {
  readonly traceId: string;
  stage(stage: CallStage, from: number, to: number): void;
  end(summary: CallSummary): void;
}

/** Makes spans of calls. */
export abstract class Tracer {
  /** @returns undefined where this call is not sampled */
  abstract begin(start: CallStart): CallSpan | undefined;
  /** Sends what has not been sent. */
  abstract close(): Promise<void>;
}

/** Traces are not switched on: nothing is loaded, nothing is made. */
export class NoTracer extends Tracer {
  begin(): undefined {
    return undefined;
  }

  async close(): Promise<void> {}
}
