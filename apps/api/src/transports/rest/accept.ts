export type StreamForm = 'ndjson' | 'sse';

/** Server-sent events where the caller prefers them, NDJSON in all other cases. */
export function preferredForm(accept: string | undefined): StreamForm {
  const weights = { ndjson: 0, sse: 0 };
  for (const range of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = q === undefined ? 1 : Number(q.slice(2)) || 0;
    if (type === 'text/event-stream') weights.sse = weight;
    else if (type === 'application/x-ndjson') weights.ndjson = weight;
  }
  return weights.sse > weights.ndjson ? 'sse' : 'ndjson';
}
