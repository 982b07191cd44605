import { Catch } from '@nestjs/common';
import { EngineError, EnvelopeFilter, type ErrorReply, type FailedRequest } from '@sutra-embedder/engine';
import { toEnvelope } from './error-envelope';
import { RouteTable } from './route-table';

/** Everything that goes wrong on a REST path leaves in the specification's envelope. */
@Catch()
export class ErrorFilter extends EnvelopeFilter {
  constructor(private readonly routes: RouteTable) {
    super();
  }

  protected envelope(error: EngineError, _status: number, { id }: FailedRequest): object {
    return toEnvelope(error, id);
  }

  /** A path that exists under another method is 405, not 404. */
  protected override understand(thrown: unknown, request: FailedRequest, reply: ErrorReply): EngineError {
    const error = super.understand(thrown, request, reply);
    if (error.code !== 'NOT_FOUND') return error;
    const methods = this.routes.methodsOf(request.url);
    if (methods.length === 0 || methods.includes(request.method)) return error;
    reply.header('allow', methods.join(', '));
    return new EngineError(
      'METHOD_NOT_ALLOWED',
      `${request.method} is not possible here; this path takes ${methods.join(', ')}`,
    );
  }
}
