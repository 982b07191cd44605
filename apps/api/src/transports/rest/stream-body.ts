import type { EmbeddingStream, StreamOutcome } from '@sutra-embedder/engine';
import type { StreamForm } from './accept';
import type { EncodingFormat } from './dto/embedding-request.dto';
import { toHttpError } from './error-envelope';
import { chunkIdOf, summaryOf, writeChunk } from './stream-records';

export const CONTENT_TYPES: Readonly<Record<StreamForm, string>> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  sse: 'text/event-stream; charset=utf-8',
};

export interface BodyContext {
  readonly form: StreamForm;
  readonly format: EncodingFormat;
  readonly requestId: string;
  /** How long a reader of server-sent events hears nothing at most. */
  readonly heartbeatMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * The body of a stream, one record a step. It advances when the reader has taken what it has been given, so what waits
 * here is one record; the rest of what is unread waits, bounded, in the stream.
 */
export async function* streamBody(
  stream: EmbeddingStream,
  first: StreamOutcome | undefined,
  context: BodyContext,
): AsyncGenerator<Buffer> {
  try {
    let outcome = first;
    while (outcome) {
      if (outcome.error) throw outcome.error;
      yield writeChunk(outcome, context.format, new Date(), around(context.form, 'embedding', outcome.index));
      stream.release();
      const next = stream.next();
      if (context.form === 'sse') yield* heartbeats(next, context.heartbeatMs);
      outcome = await next;
    }
    yield record(context.form, 'summary', { summary: summaryOf(stream, context.requestId) });
  } catch (error) {
    // The status has left long ago: the error is a record of its own, and the last one.
    context.onError(error);
    yield record(context.form, 'error', toHttpError(error, context.requestId).body);
  }
}

/** A comment whenever the next record takes long, so that nothing between here and the reader gives up. */
async function* heartbeats(next: Promise<unknown>, everyMs: number): AsyncGenerator<Buffer> {
  // Whoever awaits it hears of a failure; here it only ends the waiting.
  const settled = next.then(
    () => true,
    () => true,
  );
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), everyMs)));
    const done = await Promise.race([settled, silence]);
    clearTimeout(timer);
    if (done) return;
    yield Buffer.from(': heartbeat\n\n');
  }
}

function around(form: StreamForm, event: string, index?: number): { before: string; after: string } {
  if (form === 'ndjson') return { before: '', after: '\n' };
  const id = index === undefined ? '' : `id: ${chunkIdOf(index)}\n`;
  return { before: `event: ${event}\n${id}data: `, after: '\n\n' };
}

function record(form: StreamForm, event: string, value: object): Buffer {
  const { before, after } = around(form, event);
  return Buffer.from(before + JSON.stringify(value) + after);
}
