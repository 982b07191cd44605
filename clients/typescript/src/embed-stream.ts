import { decodeStreamed, type VectorOf } from './decode-vector.ts';
import { parse } from './embed-result.ts';
import { apiErrorOf, ConnectionError, UnexpectedResponseError } from './errors.ts';
import type { Exchange, HttpClient, RequestOptions } from './http.ts';
import { linesOf } from './lines.ts';
import { isTransient } from './retry.ts';
import { eventData } from './server-sent-events.ts';
import type { EncodingFormat, StreamingConfig, StreamingMetadata, StreamSummary } from './wire.ts';

/** Most texts that the server takes in one stream. */
const TEXTS_PER_STREAM = 1000;

export interface EmbedStreamOptions extends RequestOptions {
  /** ndjson, or sse where something between here and the server wants server-sent events. Default ndjson. */
  readonly form?: 'ndjson' | 'sse';
  /** What holds for a whole stream; once for each 1000 texts, and for each time the stream broke. */
  readonly onSummary?: (summary: StreamSummary) => void;
}

export interface StreamedEmbedding<F extends EncodingFormat> {
  /** Place of the text in what was given. */
  readonly index: number;
  readonly embedding: VectorOf<F>;
  readonly metadata: StreamingMetadata;
}

interface StreamRecord {
  readonly index?: number;
  readonly embedding?: unknown;
  readonly metadata?: StreamingMetadata;
  readonly summary?: StreamSummary;
  readonly error?: { code: string; message: string; details?: Record<string, unknown>; request_id?: string };
}

/**
 * Vectors as they are ready, not in order. A stream that breaks is continued by another one for the texts that are
 * missing, so that each comes exactly once.
 */
export async function* embedStream<F extends EncodingFormat>(
  http: HttpClient,
  texts: readonly string[],
  config: StreamingConfig<F>,
  options: EmbedStreamOptions,
): AsyncGenerator<StreamedEmbedding<F>, void, undefined> {
  for (let start = 0; start < texts.length; start += TEXTS_PER_STREAM) {
    const missing = new Map(texts.slice(start, start + TEXTS_PER_STREAM).map((text, i) => [start + i, text]));
    // Without progress, as many attempts as the policy allows; each vector that arrives earns new ones.
    while (missing.size > 0) {
      const before = missing.size;
      const stream = await http.retrying(() => firstRecord(http, missing, config, options), options);
      try {
        for (let next = stream.first; !next.done; next = await stream.records.next()) {
          const { index, ...rest } = next.value;
          missing.delete(index);
          yield { index, ...rest };
        }
      } catch (error) {
        if (!isTransient(error) || missing.size === before || options.signal?.aborted) throw error;
      } finally {
        await stream.records.return(undefined);
      }
    }
  }
}

/** Opens a stream and waits for its first vector, so that what fails at once is retried as any request is. */
async function firstRecord<F extends EncodingFormat>(
  http: HttpClient,
  missing: ReadonlyMap<number, string>,
  config: StreamingConfig<F>,
  options: EmbedStreamOptions,
) {
  const records = recordsOf(http, missing, config, options);
  return { records, first: await records.next() };
}

async function* recordsOf<F extends EncodingFormat>(
  http: HttpClient,
  missing: ReadonlyMap<number, string>,
  config: StreamingConfig<F>,
  options: EmbedStreamOptions,
): AsyncGenerator<StreamedEmbedding<F>, void, undefined> {
  const format = config.encoding_format ?? 'base64';
  const places = [...missing.keys()];
  const exchange = await http.open(
    {
      method: 'POST',
      path: '/embeddings/stream',
      accept: options.form === 'sse' ? 'text/event-stream' : 'application/x-ndjson',
      body: JSON.stringify({ texts: [...missing.values()], config: { ...config, encoding_format: format } }),
    },
    options,
  );
  let summarized = false;
  let given = 0;
  try {
    for await (const record of parseRecords(exchange, options.form)) {
      if (record.error) throw errorIn(record.error);
      if (record.summary) {
        summarized = true;
        options.onSummary?.(record.summary);
        continue;
      }
      const index = places[record.index ?? -1];
      if (index === undefined || !record.metadata) {
        throw new UnexpectedResponseError('The stream holds a record that is neither vector, summary nor error');
      }
      given++;
      yield { index, embedding: decodeStreamed(record.embedding, record.metadata, config), metadata: record.metadata };
    }
  } catch (error) {
    throw exchange.explain(error);
  } finally {
    exchange.close();
  }
  if (!summarized || given < places.length) throw new ConnectionError('The stream ended before all vectors had come');
}

async function* parseRecords({ response, deadline }: Exchange, form: EmbedStreamOptions['form']) {
  if (!response.body) throw new UnexpectedResponseError('The answer has no body');
  const lines = linesOf(response.body, deadline);
  for await (const text of form === 'sse' ? eventData(lines) : lines) {
    if (text !== '') yield parse<StreamRecord>(text);
  }
}

function errorIn({ code, message, details, request_id: requestId }: NonNullable<StreamRecord['error']>) {
  return apiErrorOf(code, { status: 0, message, details, requestId });
}
