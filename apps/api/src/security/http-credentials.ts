import type { IncomingMessage } from 'node:http';
import type { Credentials } from './authenticator';

/**
 * The raw lines: Node joins or drops repeated headers, and what a proxy in front has looked at may be another than the
 * one that is left. Nothing else of a request names its caller: no query, no X-Forwarded header.
 */
export function httpCredentials({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): Credentials {
  const apiKeys: string[] = [];
  const authorizations: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length !== 'x-api-key'.length && name.length !== 'authorization'.length) continue;
    const lower = name.toLowerCase();
    if (lower === 'x-api-key') apiKeys.push(rawHeaders[i + 1] as string);
    else if (lower === 'authorization') authorizations.push(rawHeaders[i + 1] as string);
  }
  return { apiKeys, authorizations };
}
