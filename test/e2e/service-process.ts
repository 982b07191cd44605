import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Answer } from './service';

const MAIN = resolve(__dirname, '../../apps/api/dist/main.js');

/** The built service in a process of its own, and everything that it writes. */
export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly written: { text: string },
    readonly url: string,
    readonly grpcPort: number,
  ) {}

  static async start(environment: Record<string, string>): Promise<ServiceProcess> {
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env['PATH'], SUTRA_HTTP_PORT: '0', SUTRA_GRPC_PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const written = { text: '' };
    const [, url = '', port] = await new Promise<RegExpExecArray>((resolve, reject) => {
      const take = (bytes: Buffer) => {
        written.text += bytes.toString();
        const found = /listens on (http:\/\/[^\s,]+), gRPC on port (\d+)/.exec(written.text);
        if (found) resolve(found);
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('exit', (code) => reject(new Error(`It ended with ${code} while it started:\n${written.text}`)));
    });
    return new ServiceProcess(child, written, url, Number(port));
  }

  get webSocketUrl(): string {
    return `${this.url.replace('http', 'ws')}/v1/ws`;
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', path, headers, typeof body === 'string' ? body : JSON.stringify(body));
  }

  async send(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await answer.text();
    const json = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: json ? (JSON.parse(text) as unknown) : undefined,
      text,
    };
  }

  get output(): string {
    return this.written.text;
  }

  /** @returns the signal that ended it, if one did */
  async ended(): Promise<NodeJS.Signals | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.signalCode;
  }

  /** @returns its exit code */
  async stop(): Promise<number | null> {
    const gone = once(this.child, 'close');
    this.child.kill('SIGTERM');
    const [code] = (await gone) as [number | null];
    return code;
  }
}
