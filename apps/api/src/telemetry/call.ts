import {
  ERROR_CODES,
  type EmbedObserver,
  type EmbedSummary,
  type EngineError,
  type ErrorCode,
  type Principal,
  type Stage,
} from '@sutra-embedder/engine';
import type { CallSpan } from './tracer';
import type { TraceParent } from './trace-parent';

export type CallStage = Stage | 'encode';

/** What is known of a call before it is looked into. None of it is a text, a key or a token. */
export interface CallStart {
  readonly transport: 'rest' | 'grpc' | 'ws';
  /** The pattern of its route, never the path that was asked for: one of a fixed set. */
  readonly route: string;
  readonly requestId: string;
  readonly parent: TraceParent;
}

/** What is known of it in the end. */
export interface CallSummary {
  /** In the words of its transport: 200, RESOURCE_EXHAUSTED, 1000. */
  readonly status: string;
  readonly errorCode: ErrorCode | undefined;
  readonly principal: string | undefined;
  readonly texts: number;
  readonly tokens: number;
  readonly cached: number;
  readonly joined: number;
  /** Writing the answer; 0 where that was not measured. */
  readonly encodeMs: number;
  readonly ran: { readonly model: string; readonly backend: string; readonly precision: string } | undefined;
}

/** One call of a client on its way through the service: what logs, metrics and traces are made of. */
export class Call implements EmbedObserver {
  readonly startedAt = performance.now();
  /** Who is calling, once that is known. */
  principal: Principal | undefined;
  private errorCode: ErrorCode | undefined;
  private texts = 0;
  private tokens = 0;
  private cached = 0;
  private joined = 0;
  private encodeMs = 0;
  private ran: CallSummary['ran'];
  private ended = false;

  /**
   * @param span undefined where nobody traces it
   * @param within the connection that this call came over, which adds up its calls
   */
  constructor(
    readonly start: CallStart,
    readonly span: CallSpan | undefined,
    private readonly onEnd: (call: Call, summary: CallSummary) => void,
    private readonly within?: Call,
  ) {}

  stage(stage: CallStage, from: number, to: number): void {
    if (stage === 'encode') this.encodeMs += to - from;
    this.span?.stage(stage, from, to);
  }

  embedded({ tokens, reused, plan }: EmbedSummary, texts: number): void {
    this.count(texts, tokens);
    this.within?.count(texts, tokens);
    this.cached += reused.cached;
    this.joined += reused.joined;
    this.ran = { model: plan.model.id, backend: plan.backend, precision: plan.artifact.precision };
  }

  /** Why it failed; the first reason counts. */
  failed({ code }: Pick<EngineError, 'code'>): void {
    // A plugin may throw anything; what is counted is one of the codes that there are.
    this.errorCode ??= ERROR_CODES.includes(code) ? code : 'INTERNAL';
  }

  /** It is answered, or nobody waits for an answer any more. Only the first time counts. */
  end(status: string): void {
    if (this.ended) return;
    this.ended = true;
    const { errorCode, principal, texts, tokens, cached, joined, encodeMs, ran } = this;
    const summary = { status, errorCode, principal: principal?.id, texts, tokens, cached, joined, encodeMs, ran };
    this.span?.end(summary);
    this.onEnd(this, summary);
  }

  private count(texts: number, tokens: number): void {
    this.texts += texts;
    this.tokens += tokens;
  }
}
