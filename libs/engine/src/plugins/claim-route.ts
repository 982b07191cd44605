import { SetMetadata } from '@nestjs/common';

export const CLAIM_METADATA = 'sutra-embedder:claim';

/** What a claim decides on. */
export interface ClaimableRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body; undefined where there is none or it could not be parsed. */
  readonly body: unknown;
  /** The body as it came, only where it could not be parsed; empty where it could not even be received. */
  readonly unparsed: string | undefined;
}

export interface RouteClaim {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path of the existing route, as it is declared, e.g. `/v1/embeddings`. */
  readonly path: string;
  /** Of several claims that hold, the highest is taken; default 0. */
  readonly priority?: number;
  /** Whether this request is for the claimant. Must be quick, must not throw. */
  readonly when: (request: ClaimableRequest) => boolean;
}

/**
 * On a method of a plugin's controller: takes over part of a route that exists already. The predicate runs after the
 * body was parsed and before anything is validated; where it holds, the request runs through this method's own guards,
 * pipes, interceptors and filters as if it had been sent to it. A body that cannot be read reaches the method's filters
 * as an error, so that the envelope is the plugin's there too.
 */
export const ClaimRoute = (claim: RouteClaim): MethodDecorator => SetMetadata(CLAIM_METADATA, Object.freeze(claim));
