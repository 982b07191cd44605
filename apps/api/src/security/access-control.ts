import { Injectable } from '@nestjs/common';
import {
  allows,
  PermissionDeniedError,
  principalOf,
  setPrincipal,
  type Access,
  type Principal,
} from '@sutra-embedder/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Callers } from '../limits/callers';
import { Authenticator } from './authenticator';
import { CHALLENGE } from './challenge';
import { httpCredentials } from './http-credentials';

/** Whether an HTTP request may do what it asks for. */
@Injectable()
export class AccessControl {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly callers: Callers,
  ) {}

  /**
   * Who sends a request; found out once, however many ask. Its reply gets the challenge that a refusal carries.
   * @throws EngineError UNAUTHENTICATED; at once, or by rejecting
   */
  identify(request: FastifyRequest, reply: FastifyReply): Principal | Promise<Principal> {
    const known = principalOf(request);
    if (known) return known;
    const pass = (principal: Principal): Principal => {
      setPrincipal(request, principal);
      return principal;
    };
    const refuse = (error: unknown): never => {
      void reply.header('www-authenticate', CHALLENGE);
      throw error;
    };
    let found: Principal | Promise<Principal>;
    try {
      found = this.authenticator.authenticate(httpCredentials(request.raw));
    } catch (error) {
      return refuse(error);
    }
    return found instanceof Promise ? found.then(pass, refuse) : pass(found);
  }

  /**
   * Lets a request pass, or sets the challenge that its refusal carries and throws.
   * @throws EngineError UNAUTHENTICATED, PERMISSION_DENIED or RATE_LIMITED; at once, or by rejecting
   */
  check(request: FastifyRequest, reply: FastifyReply, access: Access): true | Promise<true> {
    if (access === 'public' || !this.callers.rates.active) return this.checkAccess(request, reply, access);
    return this.checkLimited(request, reply, access);
  }

  /** Its address first: whoever guesses keys is held up before a key is looked at. */
  private async checkLimited(request: FastifyRequest, reply: FastifyReply, access: Access): Promise<true> {
    const { rates } = this.callers;
    const caller = this.callers.of(request);
    // Awaited only where there is something to wait for: a turn of the queue costs more than most of this does.
    const counted = rates.fromAddress(caller);
    if (counted) await counted;
    const checked = this.checkAccess(request, reply, access);
    if (checked instanceof Promise) await checked;
    await rates.fromPrincipal(caller, principalOf(request) as Principal);
    return true;
  }

  private checkAccess(request: FastifyRequest, reply: FastifyReply, access: Access): true | Promise<true> {
    if (access === 'public') return true;
    const pass = (principal: Principal): true => {
      if (allows(principal, access)) return true;
      void reply.header('www-authenticate', `${CHALLENGE}, error="insufficient_scope", scope="${access}"`);
      throw new PermissionDeniedError(access);
    };
    const principal = this.identify(request, reply);
    return principal instanceof Promise ? principal.then(pass) : pass(principal);
  }
}
