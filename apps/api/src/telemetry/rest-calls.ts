import { attachObserver, observerOf, principalOf } from '@sutra-embedder/engine';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Call } from './call';
import type { Calls } from './calls';
import { traceParentOf } from './trace-parent';

/** What RFC 9110 has no status for: the caller was gone before it had its answer. */
const CALLER_GONE = '499';

/** Follows every request that Fastify has, those for which there is no route included. */
export function followRestCalls(fastify: FastifyInstance, calls: Calls): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { url } = request.routeOptions;
    const call = calls.begin({
      transport: 'rest',
      route: url === undefined ? 'unmatched' : `${request.method} ${url}`,
      requestId: request.id,
      parent: traceParentOf(request.headers),
    });
    attachObserver(request, call);
    const { raw } = reply;
    raw.once('close', () => {
      call.principal = principalOf(request);
      call.end(raw.writableFinished ? String(raw.statusCode) : CALLER_GONE);
    });
    done();
  });
}

/** The call that a request is. */
export function callOf(request: FastifyRequest): Call | undefined {
  const observer = observerOf(request);
  return observer instanceof Call ? observer : undefined;
}
