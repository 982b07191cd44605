import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { SCOPES, type Principal, type Scope } from '../contracts';

/** Fixed, so that two copies of the engine agree. Routes made without Nest carry it in their Fastify `config`. */
export const ACCESS_METADATA = 'sutra-embedder:access';

/** Who may call a route: everybody, or whoever has a scope. */
export type Access = 'public' | Scope;

/** What a route asks for that says nothing. */
export const DEFAULT_ACCESS: Access = 'embedding.read';

/** On a controller or one of its methods: whoever reaches the server may call it, without key or token. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(ACCESS_METADATA, 'public' satisfies Access);

/**
 * On a controller or one of its methods: the scope a caller needs. Without it, `embedding.read`. The caller who lacks it
 * reaches the route's own filters as an EngineError, UNAUTHENTICATED or PERMISSION_DENIED.
 * @throws TypeError for what is no scope
 */
export const RequireScope = (scope: Scope): MethodDecorator & ClassDecorator => {
  if (!SCOPES.includes(scope)) throw new TypeError(`"${scope}" is no scope; known are ${SCOPES.join(', ')}`);
  return SetMetadata(ACCESS_METADATA, scope);
};

const PRINCIPAL = Symbol.for('@sutra-embedder/engine:principal');

/** Who sends an HTTP request; undefined on public routes, where nobody has asked. */
export function principalOf(request: object): Principal | undefined {
  return (request as { [PRINCIPAL]?: Principal })[PRINCIPAL];
}

/** For the host's guard, which finds out who it is. */
export function setPrincipal(request: object, principal: Principal): void {
  (request as { [PRINCIPAL]?: Principal })[PRINCIPAL] = principal;
}

/** Parameter of a controller's method: the Principal who calls, to be handed to the engine. */
export const Caller: () => ParameterDecorator = createParamDecorator((_: unknown, context: ExecutionContext) =>
  principalOf(context.switchToHttp().getRequest<object>()),
);
