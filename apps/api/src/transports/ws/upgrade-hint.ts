import { ACCESS_METADATA, InvalidArgumentError } from '@sutra-embedder/engine';
import type { FastifyInstance } from 'fastify';
import { toHttpError } from '../rest/error-envelope';

/** The WebSocket's path asked for as a page: a client that does not upgrade is told to. */
export function registerUpgradeHint(fastify: FastifyInstance): void {
  const open = { config: { [ACCESS_METADATA]: 'public' } };
  fastify.get('/v1/ws', open, async (request, reply) => {
    const hint = new InvalidArgumentError('This path speaks WebSocket; connect to it with a WebSocket client');
    return reply
      .status(426)
      .headers({ upgrade: 'websocket', connection: 'Upgrade' })
      .send(toHttpError(hint, request.id).body);
  });
}
