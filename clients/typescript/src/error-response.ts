import { apiErrorOf, type ApiError } from './errors.ts';
import { parseRetryAfter } from './retry-after.ts';
import { isOlder, VERSION_HEADER } from './version.ts';

/** How much of an answer that is not the server's own envelope is quoted. */
const EXCERPT = 200;

/** An answer with an error status as the error it stands for, whoever wrote it: the server, or a proxy before it. */
export async function errorOf(response: Response, now: number): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  const { headers, status } = response;
  const envelope = parseEnvelope(text);
  const code = envelope?.code ?? `HTTP_${status}`;
  const stated = envelope?.message ?? `HTTP ${status} ${response.statusText}: ${excerpt(text)}`.trim();
  const older =
    status === 400 && isOlder(headers.get(VERSION_HEADER))
      ? ` (the server is version ${headers.get(VERSION_HEADER)}, older than this client: it may not know this field)`
      : '';
  return apiErrorOf(code, {
    status,
    message: stated + older,
    details: envelope?.details,
    requestId: envelope?.request_id ?? headers.get('x-request-id') ?? undefined,
    retryAfterMs: parseRetryAfter(headers.get('retry-after'), headers.get('date'), now),
  });
}

interface Envelope {
  readonly code: string;
  readonly message: string;
  readonly details?: Record<string, unknown>;
  readonly request_id?: string;
}

/** The specification's error object, where the text is one. */
export function parseEnvelope(text: string): Envelope | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: Partial<Envelope> };
    return typeof error?.code === 'string' && typeof error.message === 'string' ? (error as Envelope) : undefined;
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT)}...` : line || '(no body)';
}
