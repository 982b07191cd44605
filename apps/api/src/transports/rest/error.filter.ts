import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { EngineError } from '@sutra-embedder/engine';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callOf } from '../../telemetry/rest-calls';
import { toHttpError } from './error-envelope';
import { RouteTable } from './route-table';

/** Everything that goes wrong on a REST path leaves in the specification's envelope. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  constructor(private readonly routes: RouteTable) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = this.withMethods(thrown, request, reply);
    const { status, body, retryAfterSeconds } = toHttpError(error, request.id);
    callOf(request)?.failed(body.error);
    if (status === 500)
      this.logger.error({ requestId: request.id, message: describe(error) }, (error as Error | null)?.stack);
    // The caller is gone, or has had the first bytes of another answer.
    if (reply.sent || reply.raw.destroyed) return;
    if (retryAfterSeconds !== undefined) void reply.header('retry-after', retryAfterSeconds);
    void reply.status(status).header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body));
  }

  /** A path that exists under another method is 405, not 404. */
  private withMethods(thrown: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
    if (toHttpError(thrown, '').body.error.code !== 'NOT_FOUND') return thrown;
    const methods = this.routes.methodsOf(request.url);
    if (methods.length === 0 || methods.includes(request.method)) return thrown;
    void reply.header('allow', methods.join(', '));
    return new EngineError(
      'METHOD_NOT_ALLOWED',
      `${request.method} is not possible here; this path takes ${methods.join(', ')}`,
    );
  }
}

function describe(thrown: unknown): string {
  if (!EngineError.is(thrown)) return thrown instanceof Error ? thrown.message : String(thrown);
  const cause = thrown.cause instanceof Error ? `: ${thrown.cause.message}` : '';
  return thrown.message + cause;
}
