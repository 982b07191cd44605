import { LOCAL_PRINCIPAL, type Principal } from '@sutra-embedder/engine';

/** What a caller shows of itself, wherever its transport carries it. */
export interface Credentials {
  readonly apiKey?: string | undefined;
  /** The value of an Authorization header, scheme included. */
  readonly authorization?: string | undefined;
}

/** Finds out who is calling. The long-lived transports ask it once for each call or session. */
export abstract class Authenticator {
  /** @throws EngineError UNAUTHENTICATED */
  abstract authenticate(credentials: Credentials): Promise<Principal>;
}

/** No keys are configured: whoever reaches this server is the local caller. */
export class LocalAuthenticator extends Authenticator {
  async authenticate(): Promise<Principal> {
    return LOCAL_PRINCIPAL;
  }
}
