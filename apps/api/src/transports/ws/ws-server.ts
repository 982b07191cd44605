import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { EngineError } from '@sutra-embedder/engine';
import type { Configuration } from '../../config/configuration';
import { InjectConfiguration } from '../../config/configuration.token';
import { Callers } from '../../limits/callers';
import { Authenticator } from '../../security/authenticator';
import { CHALLENGE } from '../../security/challenge';
import { httpCredentials } from '../../security/http-credentials';
import { Calls } from '../../telemetry/calls';
import { toHttpError } from '../rest/error-envelope';
import { requestIdOf } from '../rest/request-id';
import { requestValidation } from '../rest/validation';
import { toEngineError } from '../streams/to-engine-error';
import { OpenStreams, shuttingDown } from '../streams/open-streams';
import { allowedOrigin } from './allowed-origin';
import { SessionRegistry } from './session-registry';
import type * as Runtime from './ws-runtime';

const PATH = '/v1/ws';
/** How long a client has for its handshake. */
const HANDSHAKE_MS = 10_000;

/** WebSocket at /v1/ws, on the port of REST. What serves it is loaded with the first client. */
@Injectable()
export class WsServer implements BeforeApplicationShutdown {
  private readonly logger = new Logger(WsServer.name);
  private readonly registry: SessionRegistry;
  private runtime: Runtime.WsRuntime | undefined;
  private closing = false;

  constructor(
    private readonly streams: OpenStreams,
    private readonly authenticator: Authenticator,
    private readonly callers: Callers,
    private readonly calls: Calls,
    @InjectConfiguration() private readonly configuration: Configuration,
  ) {
    this.registry = new SessionRegistry(this.sessionServices(), configuration.ws.resumeMs);
  }

  /** Sockets that are open. */
  get connections(): number {
    return this.runtime?.peers.size ?? 0;
  }

  get sessions(): { readonly attached: number; readonly detached: number } {
    const { size, detached } = this.registry;
    return { attached: size - detached, detached };
  }

  attach(server: Server): void {
    server.on(
      'upgrade',
      (request: IncomingMessage, socket: Duplex, head: Buffer) => void this.upgrade(request, socket, head),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    await this.streams.finish();
    await this.runtime?.close();
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => undefined);
    const refusal = (await this.strange(request)) ?? this.refusal(request);
    if (refusal) return refuse(request, socket, refusal);
    this.runtime ??= this.load();
    this.runtime.accept(request, socket, head);
  }

  /** Whoever shows a key in a header must show a good one; browsers cannot, and show theirs in the handshake. */
  private async strange(request: IncomingMessage): Promise<EngineError | undefined> {
    const credentials = httpCredentials(request);
    if (credentials.apiKeys.length + credentials.authorizations.length === 0) return undefined;
    try {
      await this.authenticator.authenticate(credentials);
      return undefined;
    } catch (error) {
      return toEngineError(error);
    }
  }

  private refusal({ url = '', headers }: IncomingMessage): EngineError | undefined {
    if (url.split('?', 1)[0]?.replace(/\/$/, '') !== PATH)
      return new EngineError('NOT_FOUND', `WebSocket is spoken at ${PATH} only`);
    if (this.closing) return shuttingDown();
    if (!allowedOrigin(headers, this.configuration.ws.origins))
      return new EngineError(
        'PERMISSION_DENIED',
        'Pages of this origin may not connect; SUTRA_CORS_ORIGINS of the server names those that may',
      );
    // A detached session keeps its place for a client that comes back.
    if (this.connections + this.registry.detached >= this.configuration.ws.maxSessions)
      return new EngineError('OVERLOADED', 'The server has as many sessions as it takes (SUTRA_WS_SESSIONS)', {
        retryAfterMs: 1000,
      });
    return undefined;
  }

  private load(): Runtime.WsRuntime {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loads ws, which a server without clients can spare
    const { WsRuntime } = require('./ws-runtime') as typeof Runtime;
    const { messageBytes, idleMs, resumeMs, compression } = this.configuration.ws;
    return new WsRuntime(
      {
        ...this.sessionServices(),
        registry: this.registry,
        authenticator: this.authenticator,
        callers: this.callers,
        validation: requestValidation(),
        limits: {
          messageBytes,
          idleMs,
          resumeMs,
          maxBufferSize: this.configuration.maxStreamBuffer,
          handshakeMs: Math.min(HANDSHAKE_MS, idleMs),
        },
      },
      { compression },
    );
  }

  private sessionServices() {
    return {
      streams: this.streams,
      calls: this.calls,
      now: () => Date.now(),
      onError: (error: EngineError, requestId: string) => this.log(error, requestId),
    };
  }

  private log(error: EngineError, requestId: string): void {
    if (error.code !== 'INTERNAL') return;
    const cause = error.cause instanceof Error ? error.cause : error;
    this.logger.error({ requestId, message: `${error.message}: ${cause.message}` }, cause.stack);
  }
}

/** Answers in HTTP, with REST's envelope, for there is no socket to speak over yet. */
function refuse(request: IncomingMessage, socket: Duplex, error: EngineError): void {
  const { status, body, retryAfterSeconds } = toHttpError(error, requestIdOf(request));
  const text = JSON.stringify(body);
  const headers = [
    `HTTP/1.1 ${status} ${error.code}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
    ...(error.code === 'UNAUTHENTICATED' ? [`www-authenticate: ${CHALLENGE}`] : []),
    ...(retryAfterSeconds === undefined ? [] : [`retry-after: ${retryAfterSeconds}`]),
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${text}`);
}
