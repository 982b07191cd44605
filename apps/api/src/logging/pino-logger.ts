import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Who tells at every start what it has wired; of interest only when that goes wrong. */
const CHATTY = new Set(['InstanceLoader', 'NestFactory', 'RouterExplorer', 'RoutesResolver']);

/** Nest's own messages as JSON lines through the one logger of the service. */
export class PinoLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.logger[CHATTY.has(context ?? '') ? 'debug' : 'info']({ context }, String(message));
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }

  /** @param message a text, or `{ requestId, message }` */
  error(message: unknown, stack?: string, context?: string): void {
    const { requestId, text } = partsOf(message);
    this.logger.error({ context, requestId, stack }, text);
  }

  fatal(message: unknown, context?: string): void {
    this.logger.fatal({ context }, String(message));
  }

  debug(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: string): void {
    this.logger.trace({ context }, String(message));
  }
}

function partsOf(message: unknown): { requestId?: string; text: string } {
  if (typeof message !== 'object' || message === null || !('message' in message)) return { text: String(message) };
  const { requestId, message: text } = message as { requestId?: string; message: unknown };
  return { ...(requestId !== undefined && { requestId }), text: String(text) };
}
