import { backoffMs, jittered } from '../retry.ts';
import type { ClosedEvent, OpenEvent, WebSocketMessage } from './messages.ts';
import { newId } from './new-id.ts';
import type { Socket, SocketClass } from './socket.ts';

export interface ConnectionSettings {
  readonly url: string;
  readonly socketClass: SocketClass;
  /** First wait before a reconnection; doubled each time. */
  readonly reconnectBaseMs: number;
  /** Longest wait before a reconnection. */
  readonly reconnectMaxMs: number;
  readonly maxReconnects: number;
  /** Most attempts at the first connection: where none succeeds, there is probably nothing. */
  readonly connectAttempts: number;
  /** How long nothing may be heard before a ping is sent, and how long its answer may take. */
  readonly heartbeatMs: number;
  readonly random: () => number;
}

export interface ConnectionListener {
  opened(event: OpenEvent): void;
  received(message: WebSocketMessage): void;
  /** The socket reports a failure; a close follows. */
  failed(reason: string): void;
  closed(event: ClosedEvent): void;
  /** No further attempt will be made. */
  gaveUp(attempts: number): void;
}

/** Another connection goes on with this session. */
const TAKEN_OVER = 4409;
const NOT_HEARD: ClosedEvent = { code: 1006, reason: 'nothing was heard from the server', wasClean: false };

/** Keeps a connection up: connects, listens for life, and connects again when it is lost, until it is closed. */
export class Connection {
  private socket: Socket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private heard = true;
  private done = false;
  private confirmed = false;

  constructor(
    private readonly settings: ConnectionSettings,
    private readonly listener: ConnectionListener,
  ) {
    this.connect();
  }

  /** The server has answered as it should: the next loss begins with a short wait again. */
  confirm(): void {
    this.confirmed = true;
    this.attempts = 0;
  }

  /** Sends where the connection stands; what it loses, the session's ledger sends again. */
  send(type: WebSocketMessage['type'], payload: object): string {
    const id = newId('msg');
    this.socket?.send(JSON.stringify({ id, type, timestamp: new Date().toISOString(), payload }));
    return id;
  }

  /** Ends the connection for good. */
  close(code = 1000, reason = ''): void {
    this.done = true;
    clearTimeout(this.timer);
    this.socket?.close(code, reason);
  }

  /** A new connection in place of the present one, which says goodbye. */
  restart(): void {
    const { socket } = this;
    this.socket = undefined;
    clearTimeout(this.timer);
    socket?.close(1000, 'a new session');
    this.connect();
  }

  private connect(): void {
    const socket = new this.settings.socketClass(this.settings.url);
    this.socket = socket;
    // A socket that was given up may still report; only the present one counts.
    const current = () => this.socket === socket;
    socket.onopen = (event) => {
      if (!current()) return;
      this.heard = true;
      this.beat();
      this.listener.opened({ type: event.type });
    };
    socket.onmessage = ({ data }) => {
      if (current()) this.read(data);
    };
    socket.onerror = (event) => {
      if (current()) this.listener.failed(reasonOf(event));
    };
    socket.onclose = ({ code, reason, wasClean }) => {
      if (current()) this.lost({ code, reason, wasClean });
    };
  }

  private read(data: unknown): void {
    this.heard = true;
    let message: WebSocketMessage;
    try {
      message = JSON.parse(String(data)) as WebSocketMessage;
    } catch {
      // Not of this protocol; what was waited for will be asked for again.
      return this.socket?.close(1007, 'not JSON');
    }
    if (message.type === 'ping') this.send('pong', { ping_id: message.id });
    else if (message.type !== 'pong') this.listener.received(message);
  }

  private beat(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.heard) {
        this.heard = false;
        this.send('ping', {});
        return this.beat();
      }
      // Its own close event may never come.
      const { socket } = this;
      this.lost(NOT_HEARD);
      socket?.close(4000, 'no answer to a ping');
    }, this.settings.heartbeatMs);
  }

  private lost(event: ClosedEvent): void {
    this.socket = undefined;
    clearTimeout(this.timer);
    this.listener.closed(event);
    if (this.done) return;
    if (event.code === TAKEN_OVER) {
      this.done = true;
      return this.listener.gaveUp(0);
    }
    const { maxReconnects, connectAttempts, reconnectBaseMs, reconnectMaxMs, random } = this.settings;
    if (this.attempts >= (this.confirmed ? maxReconnects : connectAttempts - 1)) {
      this.done = true;
      return this.listener.gaveUp(this.attempts);
    }
    const wait = jittered(backoffMs(this.attempts++, reconnectBaseMs, reconnectMaxMs), random());
    this.timer = setTimeout(() => this.connect(), wait);
  }
}

/** Browsers do not say why; Node does, in an event or an error. */
function reasonOf(event: unknown): string {
  const { message, error } = event as { message?: string; error?: { message?: string } };
  return message || error?.message || 'no reason is given';
}
