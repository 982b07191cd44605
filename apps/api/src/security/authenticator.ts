import { LOCAL_PRINCIPAL, type Principal } from '@sutra-embedder/engine';

/** What a caller shows of itself, wherever its transport carries it: every line that came, in the order it came. */
export interface Credentials {
  readonly apiKeys: readonly string[];
  /** Values of Authorization headers, scheme included. */
  readonly authorizations: readonly string[];
}

/** Finds out who is calling. The long-lived transports ask it once for each call or session. */
export abstract class Authenticator {
  /** @throws EngineError UNAUTHENTICATED; at once, or by rejecting */
  abstract authenticate(credentials: Credentials): Principal | Promise<Principal>;
}

/** No keys are configured: whoever reaches this server is the local caller. */
export class LocalAuthenticator extends Authenticator {
  authenticate(): Principal {
    return LOCAL_PRINCIPAL;
  }
}
