import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Callers } from '../limits/callers';
import { AccessControl } from './access-control';

/** What is read of anybody: enough for a few texts, and parsed within a millisecond. */
const READ_OF_ANYBODY = 64 * 1024;

/**
 * Reads a large body only of a caller that is known. The guard refuses the others, but after their body was parsed: a
 * plugin that claims the request by its body answers in its own envelope.
 */
@Injectable()
export class LargeBodies {
  constructor(
    private readonly control: AccessControl,
    private readonly callers: Callers,
  ) {}

  attach(fastify: FastifyInstance): void {
    // Without a promise for the many requests that it lets pass.
    fastify.addHook('onRequest', (request, reply, done) => {
      if (!mayBeLarge(request)) return done();
      this.identify(request, reply).then(() => done(), done);
    });
  }

  private async identify(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    try {
      await this.control.identify(request, reply);
    } catch (error) {
      // Whoever guesses keys is counted, as the guard would.
      await this.callers.rates.fromAddress(this.callers.of(request));
      throw error;
    }
  }
}

/** A body in chunks does not say how long it is. */
function mayBeLarge({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > READ_OF_ANYBODY;
}
