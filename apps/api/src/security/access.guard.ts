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
    return this.control.check(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), accessOf(context));
  }
}

function accessOf(context: ExecutionContext): Access {
  const own = Reflect.getMetadata(ACCESS_METADATA, context.getHandler()) as Access | undefined;
  return own ?? (Reflect.getMetadata(ACCESS_METADATA, context.getClass()) as Access | undefined) ?? DEFAULT_ACCESS;
}
