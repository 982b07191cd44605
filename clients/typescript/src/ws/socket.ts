import { NodeWebSocket, nodeBuiltin } from './node-web-socket.ts';

/** The part of the standard's WebSocket that is used here. */
export interface Socket {
  onopen: ((event: { type: string }) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type SocketClass = new (url: string) => Socket;

/** The platform's WebSocket; on Node 20, which has none, the one of this package. */
export function platformSocket(): SocketClass {
  const { WebSocket: own } = globalThis as { WebSocket?: SocketClass };
  if (own) return own;
  if (nodeBuiltin) return NodeWebSocket;
  throw new TypeError('This platform has no WebSocket; give a class that speaks it as options.WebSocket');
}
