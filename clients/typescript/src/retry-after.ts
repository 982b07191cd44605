/**
 * Reads a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3).
 * @param date the response's own Date header; a date is read against it, so that a wrong clock here does no harm
 * @returns milliseconds from now, 0 or more; undefined where the header is absent or unreadable
 */
export function parseRetryAfter(value: string | null, date: string | null, now: number): number | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  if (Number.isNaN(at)) return undefined;
  const sent = date === null ? NaN : Date.parse(date);
  return Math.max(0, at - (Number.isNaN(sent) ? now : sent));
}
