import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

interface Session {
  streaming: boolean;
  acknowledges: boolean;
  readonly known: Set<string>;
  readonly unacknowledged: Map<string, string>;
}

export interface Incoming {
  readonly id: string;
  readonly type: string;
  // Each action has other fields; the tests look into them.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly payload: any;
}

/** A WebSocket server that speaks the protocol as the real one does, and misbehaves as a test tells it to. */
export class ScriptedServer {
  readonly received: Incoming[] = [];
  readonly sessions = new Map<string, Session>();
  /** Texts of all chunks that were taken, in order. */
  readonly embedded: string[] = [];
  /** Called before anything else is done with a message; what it returns true for is not done. */
  intercept: (message: Incoming, socket: WebSocket) => boolean = () => false;
  handshake: object = {};
  /** Forget sessions when their connection goes, as a restarted server does. */
  forgetful = false;

  private constructor(private readonly server: WebSocketServer) {
    server.on('connection', (socket) => {
      let session: Session | undefined;
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as Incoming;
        this.received.push(message);
        if (this.intercept(message, socket)) return;
        if (message.type !== 'request') return;
        session = this.act(message, socket, session) ?? session;
      });
    });
  }

  static async start(port = 0): Promise<ScriptedServer> {
    const server = new WebSocketServer({ port, host: '127.0.0.1' });
    await once(server, 'listening');
    return new ScriptedServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/v1/ws`;
  }

  actions(action: string): Incoming[] {
    return this.received.filter(({ payload }) => payload?.action === action);
  }

  get sockets(): WebSocket[] {
    return [...this.server.clients];
  }

  /** Breaks all connections without a goodbye. */
  breakAll(): void {
    for (const socket of this.server.clients) socket.terminate();
  }

  send(socket: WebSocket, id: string, type: string, payload: object): string {
    const text = JSON.stringify({ id, type, timestamp: new Date().toISOString(), payload });
    socket.send(text);
    return text;
  }

  async close(): Promise<void> {
    this.breakAll();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private act({ id, payload }: Incoming, socket: WebSocket, session: Session | undefined): Session | undefined {
    const answer = (more: object) => this.send(socket, id, 'response', { action: payload.action, ...more });
    const refuse = (error_code: string, error_message: string, field: string) =>
      void this.send(socket, id, 'error', {
        error_code,
        error_message,
        chunk_id: payload.chunk_id,
        details: { field },
      });
    if (payload.action === 'handshake') {
      const found = this.forgetful ? undefined : this.sessions.get(payload.session_id);
      const next = found ?? { streaming: false, acknowledges: false, known: new Set(), unacknowledged: new Map() };
      this.sessions.set(payload.session_id, next);
      answer({
        session_id: payload.session_id,
        protocol_version: '1.0',
        resumed: found !== undefined,
        ...this.handshake,
      });
      for (const text of next.unacknowledged.values()) socket.send(text);
      return next;
    }
    if (!session) return void refuse('INVALID_ARGUMENT', 'Send a handshake first', 'payload.action');
    switch (payload.action) {
      case 'stream_embed':
        if (session.streaming) return void refuse('INVALID_ARGUMENT', 'This session has a stream open', 'action');
        session.streaming = true;
        session.known.clear();
        return void answer({ status: 'started', config: { buffer_size: 100, ...payload.config, dimensions: 1 } });
      case 'ack':
        session.acknowledges = true;
        for (const chunkId of payload.chunk_ids) session.unacknowledged.delete(chunkId);
        return void answer({ acknowledged: payload.chunk_ids.length });
      case 'state':
        return void answer({ state: { session_id: 's', is_streaming: session.streaming, buffer_utilization: 0.5 } });
      case 'add_chunk': {
        if (!session.streaming) return void refuse('INVALID_ARGUMENT', 'No stream is open', 'action');
        if (session.known.has(payload.chunk_id)) return void refuse('INVALID_ARGUMENT', 'already sent', 'chunk_id');
        session.known.add(payload.chunk_id);
        this.embedded.push(payload.text);
        const embedding = Buffer.from(Float32Array.of(Number(payload.text)).buffer).toString('base64');
        const metadata = { latency_ms: 2, sequence_position: payload.position, model_used: 'm' };
        const text = this.send(socket, id, 'response', { chunk_id: payload.chunk_id, embedding, metadata });
        if (session.acknowledges) session.unacknowledged.set(payload.chunk_id, text);
        if (!payload.is_final) return undefined;
        session.streaming = false;
        return void answer({ action: 'stream_embed', status: 'completed', summary: { chunks_processed: 1 } });
      }
      default:
        return undefined;
    }
  }
}
