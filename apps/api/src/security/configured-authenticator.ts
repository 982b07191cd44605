import { Logger } from '@nestjs/common';
import { UnauthenticatedError, type Principal } from '@sutra-embedder/engine';
import { Authenticator, type Credentials } from './authenticator';
import type { TokenVerifier } from './jwt/token-verifier';
import type { KeyRing } from './keys/key-ring';
import { presentedToken } from './presented-token';

/** Keys, tokens or both are configured: whoever shows none of them is refused. */
export class ConfiguredAuthenticator extends Authenticator {
  private readonly logger = new Logger('Authenticator');

  constructor(
    private readonly keys: (() => KeyRing) | undefined,
    private readonly tokens: TokenVerifier | undefined,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  authenticate(credentials: Credentials): Principal | Promise<Principal> {
    try {
      const found = this.callerOf(credentials);
      return found instanceof Promise ? found.catch((error: unknown) => this.refuse(error)) : found;
    } catch (error) {
      return this.refuse(error);
    }
  }

  private callerOf(credentials: Credentials): Principal | Promise<Principal> {
    const token = presentedToken(credentials);
    if (token === undefined) throw new UnauthenticatedError();
    // Only a JWT has dots.
    if (this.tokens && token.includes('.')) return this.tokens.verify(token);
    const principal = this.keys?.().find(token, this.now());
    if (!principal) throw new UnauthenticatedError(new Error('no key that is valid here'));
    return principal;
  }

  /** The caller is told the same whatever it was; an operator who looks for it finds out. */
  private refuse(error: unknown): never {
    const { cause } = error as { cause?: unknown };
    if (cause instanceof Error) this.logger.debug(`refused: ${cause.message}`);
    throw error;
  }
}
