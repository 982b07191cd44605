import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { EngineError } from '../errors';
import { observerOf } from '../pipeline/embed-observer';
import { asEngineError } from './as-engine-error';
import { HTTP_STATUS, retryAfterSeconds } from './http-status';

/** Of an HTTP request, what an error filter looks at. Fastify's has it. */
export interface FailedRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

/** Of an HTTP reply, what an error filter needs. Fastify's has it. */
export interface ErrorReply {
  readonly sent: boolean;
  readonly raw: { readonly destroyed: boolean };
  status(code: number): unknown;
  header(name: string, value: string | number): unknown;
  send(body: string): unknown;
}

/**
 * Everything that goes wrong, in the words of one API. A surface extends it by its envelope; statuses, Retry-After, the
 * log, and that nothing internal gets out, are the same everywhere.
 */
@Catch()
export abstract class EnvelopeFilter implements ExceptionFilter {
  private readonly logger = new Logger(this.constructor.name);

  /** The body of an error, as the clients of this API know it. */
  protected abstract envelope(error: EngineError, status: number, request: FailedRequest): object;

  /** The status of an error, where this API has one of its own for it. */
  protected statusOf(error: EngineError): number {
    return HTTP_STATUS[error.code];
  }

  /** What was thrown, as an error with a code; `reply` takes headers that go with it. */
  protected understand(thrown: unknown, _request: FailedRequest, _reply: ErrorReply): EngineError {
    return asEngineError(thrown);
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FailedRequest>();
    const reply = host.switchToHttp().getResponse<ErrorReply>();
    const error = this.understand(thrown, request, reply);
    const status = this.statusOf(error);
    observerOf(request)?.failed?.(error);
    if (error.code === 'INTERNAL') this.log(request.id, error);
    // The caller is gone, or has had the first bytes of another answer.
    if (reply.sent || reply.raw.destroyed) return;
    const wait = retryAfterSeconds(error);
    if (wait !== undefined) reply.header('retry-after', wait);
    reply.status(status);
    reply.header('content-type', 'application/json; charset=utf-8');
    reply.send(JSON.stringify(this.envelope(error, status, request)));
  }

  private log(requestId: string, error: EngineError): void {
    const { cause } = error;
    const reason = cause instanceof Error ? cause.message : cause === undefined ? '' : String(cause);
    const stack = cause instanceof Error ? cause.stack : error.stack;
    this.logger.error({ requestId, message: `${error.message}${reason && `: ${reason}`}` }, stack);
  }
}
