import type { FastifyReply } from 'fastify';

/** Aborts when the caller closes the connection before it has the whole answer, so that nobody computes for no one. */
export function callerGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
