import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ACCESS_METADATA, DEFAULT_ACCESS, type Access } from '@sutra-embedder/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessControl } from './access-control';

/**
 * Before every controller's method, a plugin's too. A guard and no hook, so that a route's own filters say in their
 * own envelope that somebody may not.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly control: AccessControl) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const http = context.switchToHttp();
    return this.control.check(
      http.getRequest<FastifyRequest>(),
      http.getResponse<FastifyReply>(),
      accessOf(context.getClass(), context.getHandler()),
    );
  }
}

/** What a method says of itself, else its controller. */
export function accessOf(controller: object, method: object): Access {
  const own = Reflect.getMetadata(ACCESS_METADATA, method) as Access | undefined;
  return own ?? (Reflect.getMetadata(ACCESS_METADATA, controller) as Access | undefined) ?? DEFAULT_ACCESS;
}
