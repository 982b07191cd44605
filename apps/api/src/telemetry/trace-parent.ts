/** Where a call stands in its caller's trace: the headers of the W3C recommendation, as they came. */
export interface TraceParent {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-|$)/;

export interface RemoteSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** What a caller's traceparent names; undefined where it has none, or one that is not well-formed. */
export function readTraceParent({ traceparent }: TraceParent): RemoteSpan | undefined {
  const [, traceId, spanId, flags] = (traceparent && TRACEPARENT.exec(traceparent)) || [];
  if (!traceId || !spanId || !flags) return undefined;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) };
}

/** From headers or the like; of two values the first counts. */
export function traceParentOf(headers: Readonly<Record<string, string | string[] | undefined>>): TraceParent {
  const { traceparent, tracestate } = headers;
  if (traceparent === undefined) return NONE;
  return { traceparent: [traceparent].flat()[0], tracestate: tracestate && [tracestate].flat().join(',') };
}

const NONE: TraceParent = Object.freeze({});
