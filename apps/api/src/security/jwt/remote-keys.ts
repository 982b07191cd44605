import { EngineError } from '@sutra-embedder/engine';
import type * as Jose from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import type { KeySet } from './token-verifier';

const TIMEOUT_MS = 5_000;
/** How long keys are kept, and the least time between two fetches that an unknown key id may cause. */
const KEPT_MS = 600_000;
const COOLDOWN_MS = 30_000;
const RETRY_MS = 5_000;

/** The token is at fault, not the server of the keys. */
const OF_THE_TOKEN = new Set(['ERR_JWKS_NO_MATCHING_KEY', 'ERR_JWKS_MULTIPLE_MATCHING_KEYS', 'ERR_JOSE_NOT_SUPPORTED']);

/** Keys of a JWKS URL. */
export function remoteKeys(jose: typeof Jose, url: URL, onProblem: (error: unknown) => void): KeySet {
  const keys = jose.createRemoteJWKSet(url, {
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: KEPT_MS,
    cooldownDuration: COOLDOWN_MS,
  });
  const resolve: JWTVerifyGetKey = async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (OF_THE_TOKEN.has((error as { code?: string }).code ?? '')) throw error;
      onProblem(error);
      throw new EngineError(
        'BACKEND_UNAVAILABLE',
        'Tokens cannot be checked now: the server of their keys does not answer. Try again, or use an API key',
        { retryAfterMs: RETRY_MS, cause: error },
      );
    }
  };
  return { resolve, algorithms: ['RS256', 'ES256'] };
}
