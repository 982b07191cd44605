import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** A real Redis of this test's own, on a free port, that keeps nothing. */
export class RedisServer {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(): Promise<RedisServer> {
    if (spawnSync('redis-server', ['--version']).error)
      throw new Error('These tests need a real Redis: apt-get install redis-server');
    const port = await freePort();
    const server = spawn('redis-server', [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--loglevel',
      'notice',
    ]);
    await new Promise<void>((resolve, reject) => {
      let said = '';
      server.stdout.on('data', (bytes) => {
        said += String(bytes);
        if (said.includes('Ready to accept connections')) resolve();
      });
      server.once('exit', () => reject(new Error(`redis-server did not start:\n${said}`)));
    });
    return new RedisServer(`redis://127.0.0.1:${port}`, server);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await gone;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
