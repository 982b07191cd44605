import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = resolve(__dirname, '../../../apps/api/dist/main.js');

/** The built server in a process of its own, which a test may kill. */
export class RealServer {
  private static readonly children = new Set<ChildProcess>();

  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.port}/v1/ws`;
  }

  static async start(port?: number, environment: Record<string, string> = {}): Promise<RealServer> {
    const chosen = port ?? (await freePort());
    const child = spawn(process.execPath, [MAIN], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        SUTRA_HTTP_PORT: String(chosen),
        SUTRA_GRPC_PORT: '0',
        SUTRA_LOG_LEVEL: 'silent',
        ...environment,
      },
    });
    this.children.add(child);
    child.once('exit', () => this.children.delete(child));
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line);
      if (line.includes('listens on')) {
        child.stderr.resume();
        return new RealServer(chosen, child);
      }
    }
    throw new Error(`The server did not start:\n${said.join('\n')}`);
  }

  /** Ends all there are, also one that a failed test has left in the middle of its start. */
  static async endAll(): Promise<void> {
    const exits = [...this.children].map((child) => once(child, 'exit'));
    for (const child of this.children) child.kill('SIGKILL');
    await Promise.all(exits);
  }

  /** No goodbye: sockets break where they are. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill(signal);
    await exited;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
