import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a browser's page may connect. Browsers open WebSockets to any host without asking it first, so a server on
 * loopback would serve every page its user looks at. Programs send no Origin.
 */
export function allowedOrigin({ origin, host }: IncomingHttpHeaders, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
