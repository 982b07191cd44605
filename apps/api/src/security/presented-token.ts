import { UnauthenticatedError } from '@sutra-embedder/engine';
import type { Credentials } from './authenticator';

/** RFC 6750: the scheme in any case, spaces, and one token. */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * The one key or token that a caller shows, or undefined where it shows none.
 * @throws UnauthenticatedError where a line cannot be read, or where two differ: whoever looks at the first and whoever
 * looks at the last would see different callers
 */
export function presentedToken({ apiKeys, authorizations }: Credentials): string | undefined {
  let shown: string | undefined;
  const show = (token: string | undefined) => {
    if (token === undefined) throw new UnauthenticatedError(new Error('a credential that cannot be read'));
    if (shown !== undefined && shown !== token) throw new UnauthenticatedError(new Error('credentials that differ'));
    shown = token;
  };
  for (const key of apiKeys) show(TOKEN.test(key) ? key : undefined);
  for (const value of authorizations) show(BEARER.exec(value)?.[1]);
  return shown;
}
