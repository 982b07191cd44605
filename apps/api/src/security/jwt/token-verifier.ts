import { createHash } from 'node:crypto';
import { EngineError, SCOPES, UnauthenticatedError, type Principal, type Scope } from '@sutra-embedder/engine';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import type * as Jose from 'jose';
import { LRUCache } from 'lru-cache';
import type { VerificationKey } from './verification-key';

/** How far the clocks of the issuer and of this server may be apart. */
const CLOCK_TOLERANCE_S = 10;
/** A signature that was checked is not checked again for so long: it costs more than the rest of a small request. */
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 10_000;
const SUBJECT_LENGTH = 256;

/** Keys that come from a server; they choose among the algorithms here by their own kind. */
export interface KeySet {
  readonly resolve: JWTVerifyGetKey;
  readonly algorithms: readonly string[];
}

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
}

interface Verified {
  readonly principal: Principal;
  readonly notBefore: number;
  readonly expires: number;
}

/** Finds out whose JSON Web Token it is. */
export class TokenVerifier {
  private readonly verified = new LRUCache<string, Verified>({ max: MOST_REMEMBERED, ttl: REMEMBERED_MS });

  constructor(
    private readonly jose: typeof Jose,
    private readonly keys: () => VerificationKey | KeySet,
    private readonly rules: TokenRules,
    private readonly now: () => number = Date.now,
  ) {}

  /** The key has changed: what was checked with the old one is checked again. */
  forget(): void {
    this.verified.clear();
  }

  /** @throws EngineError UNAUTHENTICATED; BACKEND_UNAVAILABLE where the server of the keys does not answer */
  verify(token: string): Principal | Promise<Principal> {
    const name = createHash('sha256').update(token).digest('base64');
    const known = this.verified.get(name);
    if (!known) return this.check(token, name);
    const seconds = this.now() / 1000;
    if (seconds < known.expires + CLOCK_TOLERANCE_S && seconds >= known.notBefore - CLOCK_TOLERANCE_S) {
      return known.principal;
    }
    throw new UnauthenticatedError(new Error('a token that has expired'));
  }

  private async check(token: string, name: string): Promise<Principal> {
    try {
      const payload = await this.payloadOf(token);
      const principal = Object.freeze({ id: `jwt:${subjectOf(payload)}`, scopes: Object.freeze(scopesOf(payload)) });
      const { exp = 0, nbf = 0 } = payload;
      this.verified.set(name, { principal, expires: exp, notBefore: nbf });
      return principal;
    } catch (error) {
      if (EngineError.is(error)) throw error;
      throw new UnauthenticatedError(error);
    }
  }

  private async payloadOf(token: string): Promise<JWTPayload> {
    const keys = this.keys();
    const options = {
      issuer: this.rules.issuer,
      audience: this.rules.audience,
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: new Date(this.now()),
      requiredClaims: ['exp', 'sub'],
    };
    const { payload } =
      'resolve' in keys
        ? await this.jose.jwtVerify(token, keys.resolve, { ...options, algorithms: [...keys.algorithms] })
        : await this.jose.jwtVerify(token, keys.key, { ...options, algorithms: [keys.algorithm] });
    return payload;
  }
}

function subjectOf({ sub }: JWTPayload): string {
  if (typeof sub !== 'string' || sub === '' || sub.length > SUBJECT_LENGTH) throw new Error('a token without subject');
  return sub;
}

/** `scope` as RFC 8693 has it, words in a string; `scp` as some issuers have it, a string or an array. */
function scopesOf({ scope, scp }: JWTPayload): Scope[] {
  const words = [scope, scp].flat().flatMap((value) => (typeof value === 'string' ? value.split(' ') : []));
  return SCOPES.filter((known) => words.includes(known));
}
