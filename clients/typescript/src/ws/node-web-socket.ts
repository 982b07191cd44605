import { FrameReader, maskedFrame, OPCODE } from './frames.ts';
import type { Socket } from './socket.ts';

/** What of Node's own modules is used here. They are asked for by name at run time: bundlers for browsers see nothing. */
interface NodeSocket {
  on(event: 'data', listener: (bytes: Uint8Array) => void): this;
  on(event: 'close' | 'error' | 'end', listener: () => void): this;
  write(bytes: Uint8Array): boolean;
  end(): void;
  destroy(): void;
  setNoDelay(on: boolean): void;
  unshift(bytes: Uint8Array): void;
}
interface NodeRequest {
  on(
    event: 'upgrade',
    listener: (response: { headers: Record<string, string | undefined> }, socket: NodeSocket, head: Uint8Array) => void,
  ): this;
  on(event: 'response', listener: (response: { statusCode: number; resume(): void }) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  end(): void;
  destroy(): void;
}
interface NodeHttp {
  request(url: string, options: { headers: Record<string, string> }): NodeRequest;
}
interface NodeCrypto {
  createHash(algorithm: 'sha1'): { update(text: string): { digest(encoding: 'base64'): string } };
}
interface Builtin {
  (name: 'node:http' | 'node:https'): NodeHttp;
  (name: 'node:crypto'): NodeCrypto;
}

export const nodeBuiltin: Builtin | undefined = (globalThis as { process?: { getBuiltinModule?: Builtin } }).process
  ?.getBuiltinModule;

/** What a server proves its understanding with (RFC 6455, 1.3). */
const ACCEPT_SALT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** How long the other side may take to answer a close frame. */
const CLOSE_TIMEOUT_MS = 3000;

/** A WebSocket client (RFC 6455) for Node without one: text messages, no extensions. */
export class NodeWebSocket implements Socket {
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onerror: Socket['onerror'] = null;
  onclose: Socket['onclose'] = null;

  private readonly request: NodeRequest;
  private readonly frames = new FrameReader();
  private socket: NodeSocket | undefined;
  private closeSent = false;
  private closed = false;
  private received: { code: number; reason: string } | undefined;

  constructor(url: string) {
    const { protocol } = new URL(url);
    const builtin = nodeBuiltin as Builtin;
    const http = builtin(protocol === 'wss:' ? 'node:https' : 'node:http');
    const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
    this.request = http.request(url.replace(/^ws/, 'http'), {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': key,
      },
    });
    this.request
      .on('upgrade', ({ headers }, socket, head) => {
        const proof = builtin('node:crypto')
          .createHash('sha1')
          .update(key + ACCEPT_SALT)
          .digest('base64');
        if (headers['sec-websocket-accept'] === proof) return this.opened(socket, head);
        socket.destroy();
        this.fail(new Error('The server opened no WebSocket: its Sec-WebSocket-Accept is wrong'));
      })
      .on('response', (response) => {
        response.resume();
        this.fail(new Error(`The server answered HTTP ${response.statusCode} instead of opening a WebSocket`));
      })
      .on('error', (error) => this.fail(error));
    this.request.end();
  }

  send(data: string): void {
    this.write(OPCODE.text, new TextEncoder().encode(data));
  }

  close(code = 1000, reason = ''): void {
    if (this.closeSent || this.closed) return;
    if (!this.socket) {
      this.request.destroy();
      return this.ended();
    }
    this.sendClose(code, reason);
    const timer = setTimeout(() => this.socket?.destroy(), CLOSE_TIMEOUT_MS);
    this.socket.on('close', () => clearTimeout(timer));
  }

  private opened(socket: NodeSocket, head: Uint8Array): void {
    this.socket = socket;
    socket.setNoDelay(true);
    socket
      .on('data', (bytes) => this.read(bytes))
      .on('end', () => socket.end())
      .on('error', () => socket.destroy())
      .on('close', () => this.ended());
    this.onopen?.({ type: 'open' });
    if (head.length > 0) this.read(head);
  }

  private read(bytes: Uint8Array): void {
    for (const { opcode, data } of this.frames.push(bytes)) {
      if (opcode === OPCODE.text) this.onmessage?.({ data: new TextDecoder().decode(data) });
      else if (opcode === OPCODE.ping) this.write(OPCODE.pong, data);
      else if (opcode === OPCODE.close) {
        const code = data.length >= 2 ? ((data[0] as number) << 8) | (data[1] as number) : 1005;
        this.received = { code, reason: new TextDecoder().decode(data.subarray(2)) };
        this.sendClose(code === 1005 ? 1000 : code, '');
        this.socket?.end();
      }
    }
  }

  private sendClose(code: number, reason: string): void {
    if (this.closeSent) return;
    this.write(OPCODE.close, Uint8Array.of(code >> 8, code & 255, ...new TextEncoder().encode(reason)));
    this.closeSent = true;
  }

  private write(opcode: number, data: Uint8Array): void {
    if (this.closeSent || !this.socket) return;
    this.socket.write(maskedFrame(opcode, data));
  }

  private fail(error: Error): void {
    if (!this.closed) this.onerror?.(error);
    this.ended();
  }

  private ended(): void {
    if (this.closed) return;
    this.closed = true;
    const { code, reason } = this.received ?? { code: 1006, reason: '' };
    this.onclose?.({ code, reason, wasClean: this.received !== undefined && this.closeSent });
  }
}
