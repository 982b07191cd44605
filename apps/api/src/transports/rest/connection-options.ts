import type { Socket } from 'node:net';
import { EngineError, InvalidArgumentError } from '@sutra-embedder/engine';
import type { ConnectionLimits } from '../../config/limits-configuration';
import { toHttpError } from './error-envelope';
import { requestIdOf } from './request-id';

/** How Fastify and Node hold connections to their limits. */
export function connectionOptions({ headerBytes, headersMs, receiveMs, keepAliveMs, idleMs }: ConnectionLimits) {
  return {
    connectionTimeout: idleMs,
    keepAliveTimeout: keepAliveMs,
    requestTimeout: receiveMs,
    clientErrorHandler: answerUnreadable,
    http: {
      maxHeaderSize: headerBytes,
      headersTimeout: headersMs,
      // How often Node looks for requests that are late.
      connectionsCheckingInterval: Math.min(30_000, Math.ceil(headersMs / 2)),
    },
  };
}

/** What never became a request has no route and no filter: it is answered here, in the same envelope. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable) {
    const [status, reason] = understand(error.code);
    const text = JSON.stringify(toHttpError(reason, requestIdOf({ headers: {} })).body);
    socket.write(
      `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
    );
  }
  socket.destroySoon();
}

function understand(code: string | undefined): [string, EngineError] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [
        '408 Request Timeout',
        new EngineError(
          'DEADLINE_EXCEEDED',
          'The request did not arrive in time (SUTRA_HEADERS_TIMEOUT_MS, SUTRA_RECEIVE_TIMEOUT_MS)',
        ),
      ];
    case 'HPE_HEADER_OVERFLOW':
      return [
        '431 Request Header Fields Too Large',
        new EngineError(
          'PAYLOAD_TOO_LARGE',
          'The headers of the request are larger than this server takes (SUTRA_HEADER_LIMIT_KB)',
        ),
      ];
    default:
      return ['400 Bad Request', new InvalidArgumentError('This is not a request in HTTP/1.1')];
  }
}
