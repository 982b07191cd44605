import { randomUUID } from 'node:crypto';
import type { RawData, WebSocket } from 'ws';
import type { ValidationPipe } from '@nestjs/common';
import {
  allows,
  ENGINE_VERSION,
  InvalidArgumentError,
  MAX_DIMENSIONS,
  MIN_DIMENSIONS,
  PermissionDeniedError,
} from '@sutra-embedder/engine';
import type { RateCaller } from '../../limits/caller';
import type { Callers } from '../../limits/callers';
import type { Authenticator, Credentials } from '../../security/authenticator';
import type { Call } from '../../telemetry/call';
import { toEngineError } from '../streams/to-engine-error';
import { Connection } from './connection';
import { AckDto, AddChunkDto, HandshakeDto, possibleDimensions, StreamEmbedDto } from './payloads.dto';
import {
  CLOSE,
  errorMessage,
  MessageError,
  ping,
  pong,
  PROTOCOL_VERSION,
  readMessage,
  response,
  type ClientMessage,
} from './protocol';
import type { Session, SessionServices } from './session';
import type { SessionRegistry } from './session-registry';

/** Messages that may wait while one is worked on, before no more are read. */
const MOST_WAITING = 16;

export interface PeerServices extends SessionServices {
  readonly registry: SessionRegistry;
  readonly authenticator: Authenticator;
  readonly callers: Callers;
  readonly validation: ValidationPipe;
  readonly limits: PeerLimits;
}

export interface PeerLimits {
  readonly messageBytes: number;
  readonly maxBufferSize: number;
  readonly idleMs: number;
  readonly handshakeMs: number;
  readonly resumeMs: number;
}

/** Of RFC 6455, and this protocol's own. */
const KNOWN_CODES: ReadonlySet<number> = new Set([
  ...[1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011],
  ...Object.values(CLOSE),
]);

/** A key may be revoked, and a token expires, while its connection is open. */
const RECHECK_MS = 5_000;

type Request = Extract<ClientMessage, { type: 'request' }>;

/** One client's socket: reads its messages in order, and answers each. */
export class Peer {
  private readonly connection: Connection;
  private readonly waiting: { readonly data: Buffer; readonly binary: boolean }[] = [];
  private readonly openedAt: number;
  private working = false;
  private heardAt: number;
  private pinged = false;
  private session: Session | undefined;
  private checkedAt = 0;

  constructor(
    socket: WebSocket,
    private credentials: Credentials,
    private readonly caller: RateCaller,
    private readonly call: Call,
    private readonly services: PeerServices,
    onClosed: () => void,
  ) {
    this.connection = new Connection(socket, call);
    this.openedAt = this.heardAt = services.now();
    socket.on('message', (data: RawData, binary: boolean) => this.receive(data as Buffer, binary));
    socket.on('ping', () => this.heard());
    socket.on('pong', () => this.heard());
    // ws closes the socket itself, with the code that RFC 6455 has for the fault.
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      if (this.session) services.registry.detach(this.session, this.connection, code === 1000 || code === 1001);
      call.end(closeStatus(code));
      onClosed();
    });
  }

  get hasSession(): boolean {
    return this.session !== undefined;
  }

  /** Asks a silent client whether it is there, and closes on one that does not answer. */
  check(): void {
    const now = this.services.now();
    const { idleMs, handshakeMs } = this.services.limits;
    if (!this.session && now - this.openedAt >= handshakeMs) {
      return this.connection.close(CLOSE.strange, 'no handshake came');
    }
    if (now - this.heardAt >= idleMs) return this.connection.close(CLOSE.idle, 'nothing was heard for too long');
    if (this.session && now - this.checkedAt >= RECHECK_MS) void this.recheckCaller(now);
    if (now - this.heardAt < idleMs / 2 || this.pinged) return;
    this.pinged = true;
    this.connection.send(ping());
  }

  close(code: number, reason: string): void {
    this.connection.close(code, reason);
  }

  terminate(): void {
    this.connection.terminate();
  }

  private heard(): void {
    this.heardAt = this.services.now();
    this.pinged = false;
    if (this.session) this.session.lastActivity = this.heardAt;
  }

  private receive(data: Buffer, binary: boolean): void {
    this.heard();
    this.waiting.push({ data, binary });
    if (this.waiting.length === MOST_WAITING) this.connection.hold();
    if (!this.working) void this.work();
  }

  private async work(): Promise<void> {
    this.working = true;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) await this.handle(next.data, next.binary);
    this.working = false;
    this.connection.resume();
  }

  private async handle(data: Buffer, binary: boolean): Promise<void> {
    let message: ClientMessage | undefined;
    try {
      message = readMessage(data, binary);
      if (message.type === 'ping') this.connection.send(pong(message.id));
      else if (message.type === 'request') await this.act(message);
    } catch (thrown) {
      const error = toEngineError(thrown);
      this.call.failed(error);
      this.services.onError(error, this.call.start.requestId);
      const id = message?.id ?? (thrown instanceof MessageError ? thrown.messageId : undefined);
      this.connection.send(errorMessage(error, id, chunkIdOf(message)));
    }
  }

  private async act({ id, action, payload }: Request): Promise<void> {
    if (action === 'handshake') return this.handshake(id, await this.validated(HandshakeDto, payload));
    const { session } = this;
    if (!session) throw new InvalidArgumentError('Send a handshake first', { field: 'payload.action' });
    switch (action) {
      case 'stream_embed':
        return this.streamEmbed(session, await this.validated(StreamEmbedDto, payload), id);
      case 'add_chunk':
        return session.addChunk(await this.validated(AddChunkDto, payload), id);
      case 'ack': {
        const acknowledged = session.acknowledge(await this.validated(AckDto, payload));
        return this.connection.send(response(id, { action, acknowledged }));
      }
      case 'state':
        checkEmpty(payload);
        return this.connection.send(response(id, { action, state: session.state() }));
      default:
        throw new InvalidArgumentError(
          'payload.action is not known; known are handshake, stream_embed, add_chunk, ack, state',
          { field: 'payload.action' },
        );
    }
  }

  private async streamEmbed(session: Session, body: StreamEmbedDto, id: string): Promise<void> {
    await this.services.callers.rates.fromPrincipal(this.caller, session.principal);
    return session.streamEmbed(body, id, this.caller);
  }

  private async handshake(id: string, body: HandshakeDto): Promise<void> {
    if (this.session)
      throw new InvalidArgumentError('This connection has had its handshake', { field: 'payload.action' });
    if (!/^1\.\d+$/.test(body.protocol_version))
      throw new InvalidArgumentError(`protocol_version "${body.protocol_version}" is not spoken here; use "1.0"`, {
        field: 'protocol_version',
        supported: [PROTOCOL_VERSION],
      });
    const { registry, authenticator, limits } = this.services;
    const { rates } = this.services.callers;
    await rates.fromAddress(this.caller);
    const { apiKeys, authorizations } = this.credentials;
    const shown = { apiKeys: body.api_key === undefined ? apiKeys : [...apiKeys, body.api_key], authorizations };
    const principal = await authenticator.authenticate(shown);
    this.credentials = shown;
    this.checkedAt = this.services.now();
    this.call.principal = principal;
    if (!allows(principal, 'embedding.read')) throw new PermissionDeniedError('embedding.read');
    await rates.fromPrincipal(this.caller, principal);
    const { max_chunk_size = limits.messageBytes, preferred_dimensions } = body.client_capabilities ?? {};
    const sessionId = body.session_id ?? `session_${randomUUID()}`;
    const found = registry.find(principal, sessionId);
    // It may have closed while its caller was looked up.
    if (!this.connection.open) return;
    const session = found ?? registry.create(principal, sessionId, Math.min(max_chunk_size, limits.messageBytes));
    this.session = session;
    this.connection.send(
      response(id, {
        action: 'handshake',
        session_id: sessionId,
        protocol_version: PROTOCOL_VERSION,
        server_version: ENGINE_VERSION,
        resumed: found !== undefined,
        server_capabilities: {
          supports_compression: this.connection.compressed,
          max_chunk_size: session.maxChunkSize,
          max_message_bytes: limits.messageBytes,
          max_buffer_size: limits.maxBufferSize,
          dimensions: { minimum: MIN_DIMENSIONS, maximum: MAX_DIMENSIONS },
          ...(preferred_dimensions && { preferred_dimensions: possibleDimensions(preferred_dimensions) }),
          idle_timeout_ms: limits.idleMs,
          resume_ms: limits.resumeMs,
        },
      }),
    );
    session.attach(this.connection)?.close(CLOSE.takenOver, 'the session goes on over another connection');
  }

  private async recheckCaller(now: number): Promise<void> {
    this.checkedAt = now;
    try {
      await this.services.authenticator.authenticate(this.credentials);
    } catch (error) {
      // That the server of a token's keys does not answer says nothing about the caller.
      if (toEngineError(error).code === 'UNAUTHENTICATED')
        this.connection.close(CLOSE.strange, 'the key or token is not valid any more');
    }
  }

  private async validated<Dto extends object>(metatype: new () => Dto, payload: object): Promise<Dto> {
    return (await this.services.validation.transform(payload, { type: 'body', metatype })) as Dto;
  }
}

/** Clients choose their codes: those that nobody has named share a word. */
function closeStatus(code: number): string {
  return KNOWN_CODES.has(code) ? String(code) : 'other';
}

function chunkIdOf(message: ClientMessage | undefined): string | undefined {
  const chunkId = message?.type === 'request' ? message.payload['chunk_id'] : undefined;
  return typeof chunkId === 'string' && chunkId.length <= 128 ? chunkId : undefined;
}

function checkEmpty(payload: Request['payload']): void {
  const [field] = Object.keys(payload);
  if (field !== undefined) throw new InvalidArgumentError(`${field} is not a field of this request`, { field });
}
