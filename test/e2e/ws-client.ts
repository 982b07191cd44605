import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import type { Service } from './service';

export interface Received {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  // The tests look into payloads of many shapes.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly payload: any;
}

/** A client that speaks the protocol, and keeps everything it has received. */
export class WsClient {
  readonly received: Received[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  private readonly wakeUps = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.received.push(JSON.parse(String(data)) as Received);
      for (const wake of this.wakeUps) wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        for (const wake of this.wakeUps) wake();
      });
    });
  }

  static async open(service: Service, options: ConstructorParameters<typeof WebSocket>[2] = {}): Promise<WsClient> {
    const { port } = service.app.getHttpServer().address() as AddressInfo;
    return WsClient.at(`ws://127.0.0.1:${port}/v1/ws`, options);
  }

  static async at(url: string, options: ConstructorParameters<typeof WebSocket>[2] = {}): Promise<WsClient> {
    const client = new WsClient(new WebSocket(url, options));
    await new Promise((resolve, reject) => client.socket.once('open', resolve).once('error', reject));
    return client;
  }

  /** A client that has had its handshake. */
  static async greeted(service: Service, handshake: object = {}): Promise<WsClient> {
    const client = await WsClient.open(service);
    await client.request('handshake', { protocol_version: '1.0', ...handshake });
    return client;
  }

  /** A client with a stream open. */
  static async streaming(service: Service, config: object = {}, handshake: object = {}): Promise<WsClient> {
    const client = await WsClient.greeted(service, handshake);
    await client.request('stream_embed', { config });
    return client;
  }

  send(action: string, payload: object, id = `msg_${randomUUID()}`): string {
    this.raw({ id, type: 'request', timestamp: new Date().toISOString(), payload: { action, ...payload } });
    return id;
  }

  raw(message: unknown): void {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** The answer to a message that is answered once. */
  async request(action: string, payload: object): Promise<Received> {
    const id = this.send(action, payload);
    return this.find((message) => message.id === id);
  }

  /** Sends what is wrong and returns the payload of the error it is answered with. */
  async refused(message: unknown): Promise<Received['payload']> {
    const before = this.received.length;
    this.raw(message);
    return (await this.find((found) => found.type === 'error', before)).payload;
  }

  async find(matches: (message: Received) => boolean, from = 0): Promise<Received> {
    for (;;) {
      const found = this.received.slice(from).find(matches);
      if (found) return found;
      if (this.socket.readyState !== WebSocket.OPEN) throw new Error('closed before the message came');
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.wakeUps.delete(wake);
          resolve();
        };
        this.wakeUps.add(wake);
      });
    }
  }

  chunk(chunk_id: string): Promise<Received> {
    return this.find(({ type, payload }) => type === 'response' && payload.chunk_id === chunk_id);
  }

  summary(): Promise<Received> {
    return this.find(({ payload }) => payload.status === 'completed');
  }

  async close(code = 1000): Promise<void> {
    this.socket.close(code);
    await this.closed;
  }
}
