import type { WebSocket } from 'ws';
import type { Call } from '../../telemetry/call';

/** Above this many bytes that the peer has not taken, nothing more is read from it. */
const HIGH_WATER_BYTES = 256 * 1024;

/** The sending side of a socket: what the peer does not take, stops the peer from sending. */
export class Connection {
  private paused = false;
  private held = false;

  constructor(
    private readonly socket: WebSocket,
    /** What follows it. */
    readonly call: Call,
  ) {}

  get open(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  get compressed(): boolean {
    return this.socket.extensions.includes('permessage-deflate');
  }

  /**
   * Resolves once the operating system has it.
   * @returns false where the connection closed before that
   */
  write(data: string | Buffer): Promise<boolean> {
    if (!this.open) return Promise.resolve(false);
    return new Promise((resolve) => {
      const closed = () => resolve(false);
      // A peer that vanishes while it reads nothing leaves the callback waiting for the socket's end.
      this.socket.once('close', closed);
      this.socket.send(data, { binary: false }, (error) => {
        this.socket.off('close', closed);
        this.relax();
        resolve(!error);
      });
    });
  }

  /** For small messages nobody waits for. */
  send(data: string | Buffer): void {
    if (!this.open) return;
    this.socket.send(data, { binary: false }, () => this.relax());
    if (this.socket.bufferedAmount > HIGH_WATER_BYTES && !this.paused) {
      this.paused = true;
      this.socket.pause();
    }
  }

  /** Reads nothing more until `resume`. */
  hold(): void {
    this.held = true;
    this.socket.pause();
  }

  resume(): void {
    this.held = false;
    if (!this.paused) this.socket.resume();
  }

  close(code: number, reason: string): void {
    this.held = this.paused = false;
    // The peer's answer to the close frame has to be read.
    this.socket.resume();
    this.socket.close(code, reason);
  }

  terminate(): void {
    this.socket.terminate();
  }

  private relax(): void {
    if (!this.paused || this.socket.bufferedAmount > HIGH_WATER_BYTES / 2) return;
    this.paused = false;
    if (!this.held && this.open) this.socket.resume();
  }
}
