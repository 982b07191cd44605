import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { httpCredentials } from '../../security/http-credentials';
import { traceParentOf } from '../../telemetry/trace-parent';
import { requestIdOf } from '../rest/request-id';
import { Peer, type PeerServices } from './peer';
import { CLOSE } from './protocol';

export interface RuntimeOptions {
  /** Whether messages may be compressed where the client offers it. */
  readonly compression: boolean;
}

/** How often silent clients and sessions nobody came back for are looked at, at most. */
const SWEEP_MS = 1_000;
/** How long a client has to answer a close frame. */
const CLOSE_MS = 1_000;

/** The open sockets. One timer looks after all of them: a timer each would cost more than an idle session does. */
export class WsRuntime {
  readonly peers = new Set<Peer>();
  private readonly server: WebSocketServer;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly services: PeerServices,
    { compression }: RuntimeOptions,
  ) {
    this.server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: services.limits.messageBytes,
      perMessageDeflate: compression && {
        threshold: 1024,
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
      },
    });
    const { idleMs, handshakeMs, resumeMs } = services.limits;
    this.timer = setInterval(() => this.sweep(), Math.min(SWEEP_MS, idleMs / 4, handshakeMs / 4, resumeMs / 4));
    this.timer.unref();
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const call = this.services.calls.connected({
      transport: 'ws',
      route: '/v1/ws',
      requestId: requestIdOf(request),
      parent: traceParentOf(request.headers),
    });
    const caller = this.services.callers.from(
      () => request.socket.remoteAddress ?? '',
      single(request.headers['x-forwarded-for']),
    );
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      const peer = new Peer(webSocket, httpCredentials(request), caller, call, this.services, () =>
        this.peers.delete(peer),
      );
      this.peers.add(peer);
    });
  }

  /** Says goodbye to every client; nothing of their sessions is left. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    for (const peer of this.peers) peer.close(CLOSE.goingAway, 'the server is shutting down');
    const deadline = Date.now() + CLOSE_MS;
    while (this.peers.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const peer of this.peers) peer.terminate();
    this.services.registry.endAll();
  }

  private sweep(): void {
    for (const peer of this.peers) peer.check();
    this.services.registry.sweep();
  }
}

/** Node joins repeated X-Forwarded-For lines itself. */
function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}
