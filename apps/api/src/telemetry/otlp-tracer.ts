import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer as OtelTracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import { ENGINE_VERSION } from '@sutra-embedder/engine';
import type { TracingConfiguration } from '../config/otlp-environment';
import type { CallStage, CallStart, CallSummary } from './call';
import { attributesAtEnd, attributesAtStart } from './span-attributes';
import { readTraceParent, type TraceParent } from './trace-parent';
import { Tracer, type CallSpan } from './tracer';

/** Of a stream of many texts only the first stages become spans: a trace is to be looked at. */
const MOST_STAGES = 100;

/** Spans of calls through OpenTelemetry, sent over OTLP. This module and what it imports is loaded only when it is used. */
export function otlpTracer(configuration: TracingConfiguration): Tracer {
  const { url, headers, timeoutMs, compress, serviceName, resource } = configuration;
  type Settings = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;
  const exporter = new OTLPTraceExporter({
    url,
    headers: { ...headers },
    timeoutMillis: timeoutMs,
    // The enum of a package that is not ours to import has these values.
    compression: (compress ? 'gzip' : 'none') as NonNullable<Settings['compression']>,
  });
  return new OtlpTracer(
    new TracerProvider({
      resource: resourceFromAttributes({ ...resource, 'service.name': serviceName, 'service.version': ENGINE_VERSION }),
      sampler: samplerOf(configuration),
      spanProcessors: [new BatchSpanProcessor({ exporter })],
    }),
  );
}

class OtlpTracer extends Tracer {
  private readonly tracer: OtelTracer;

  constructor(private readonly provider: TracerProvider) {
    super();
    this.tracer = provider.getTracer('sutra-embedder', ENGINE_VERSION);
  }

  begin(start: CallStart): CallSpan | undefined {
    const parent = contextOf(start.parent);
    const now = Date.now();
    const span = this.tracer.startSpan(
      'request',
      { kind: SpanKind.SERVER, attributes: attributesAtStart(start), startTime: now },
      parent,
    );
    const epoch = now - performance.now();
    return span.isRecording()
      ? new OtlpCallSpan(this.tracer, span, trace.setSpan(parent, span), start, epoch)
      : undefined;
  }

  async close(): Promise<void> {
    // What cannot be delivered now is lost with the process: no reason to fail its shutdown.
    await this.provider.shutdown().catch(() => undefined);
  }
}

class OtlpCallSpan implements CallSpan {
  private stages = 0;

  /**
   * @param epoch the wall clock's milliseconds at which performance.now() would have been 0 when the call began. The two
   *   clocks drift apart; by one of them for the whole call its stages lie within it
   */
  constructor(
    private readonly tracer: OtelTracer,
    private readonly span: Span,
    private readonly context: Context,
    private readonly start: CallStart,
    private readonly epoch: number,
  ) {}

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  stage(stage: CallStage, from: number, to: number): void {
    if (this.stages++ >= MOST_STAGES) return;
    this.tracer.startSpan(stage, { startTime: this.epoch + from }, this.context).end(this.epoch + to);
  }

  end(summary: CallSummary): void {
    this.span.setAttributes(attributesAtEnd(this.start, summary));
    if (this.stages > MOST_STAGES) this.span.setAttribute('sutra.stages_not_shown', this.stages - MOST_STAGES);
    if (summary.errorCode) this.span.setStatus({ code: SpanStatusCode.ERROR, message: summary.errorCode });
    this.span.end(this.epoch + performance.now());
  }
}

function contextOf(parent: TraceParent): Context {
  const remote = readTraceParent(parent);
  if (!remote) return ROOT_CONTEXT;
  const traceState = parent.tracestate === undefined ? undefined : createTraceState(parent.tracestate);
  return trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true, ...(traceState && { traceState }) });
}

function samplerOf({ sampler, ratio }: TracingConfiguration): Sampler {
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
    default:
      return sampler satisfies never;
  }
}
