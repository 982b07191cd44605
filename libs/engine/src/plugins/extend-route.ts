import { SetMetadata } from '@nestjs/common';

export const EXTENSION_METADATA = 'sutra-embedder:extension';

export interface RouteExtension {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path of the existing route, as it is declared, e.g. `/v1/models/:model_id`. */
  readonly path: string;
}

/** Of the request that is answered. */
export interface ExtendedRequest {
  readonly params: Readonly<Record<string, string>>;
}

/** Gets the body of a route's answer and gives the one that is sent; not called for errors. */
export type ExtendAnswer = (body: object, request: ExtendedRequest) => object | Promise<object>;

/**
 * On a method of a plugin's provider, an `ExtendAnswer`: adds to what routes that exist already answer, where the clients
 * of two APIs read the same body.
 */
export const ExtendRoute = (...routes: readonly RouteExtension[]): MethodDecorator =>
  SetMetadata(EXTENSION_METADATA, Object.freeze(routes));
