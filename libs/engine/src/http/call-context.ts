import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { observerOf } from '../pipeline/embed-observer';
import type { EmbedRequest } from '../pipeline/embed-request';
import { principalOf } from '../plugins/access';

/** Of an HTTP reply, what tells whether its caller still listens. Fastify's has it. */
export interface WatchableReply {
  readonly raw: {
    once(event: 'close', listener: () => void): unknown;
    readonly writableFinished: boolean;
  };
}

/** Aborts when the caller closes the connection before it has the whole answer, so that nobody computes for no one. */
export function callerGone(reply: WatchableReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** What the engine wants to know of a call beside its request: `embed({ ...request, ...behalf }, signal)`. */
export interface CallContext {
  /** Who calls, and who follows the call for logs, metrics and traces. */
  readonly behalf: Pick<EmbedRequest, 'principal' | 'observer'>;
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal;
}

/** Parameter of a controller's method: the CallContext of its request. */
export const Call: () => ParameterDecorator = createParamDecorator(
  (_: unknown, context: ExecutionContext): CallContext => {
    const http = context.switchToHttp();
    const request = http.getRequest<object>();
    return {
      behalf: { principal: principalOf(request), observer: observerOf(request) },
      signal: callerGone(http.getResponse<WatchableReply>()),
    };
  },
);
