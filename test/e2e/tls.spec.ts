import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { credentials, Metadata, status } from '@grpc/grpc-js';
import { WebSocket } from 'ws';
import { Callers } from './callers';
import { call, connect } from './grpc-client';

const FIXTURES = join(__dirname, '../fixtures/tls');
const pem = (name: string) => readFileSync(join(FIXTURES, name));

/** The server as it is started, with keys and TLS; what it prints is kept. */
class Server {
  output = '';
  readonly ports: Promise<{ http: number; grpc: number }>;
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  constructor(environment: Record<string, string>) {
    this.child = spawn(process.execPath, [join(__dirname, '../../apps/api/dist/main.js')], {
      env: {
        PATH: process.env['PATH'],
        SUTRA_HTTP_PORT: '0',
        SUTRA_GRPC_PORT: '0',
        SUTRA_PRELOAD: ',',
        ...environment,
      },
    });
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
    this.ports = new Promise((resolve, reject) => {
      const read = (data: Buffer) => {
        this.output += data.toString();
        const [, http, grpc] = /listens on https:\/\/127\.0\.0\.1:(\d+), gRPC on port (\d+)/.exec(this.output) ?? [];
        if (grpc) resolve({ http: Number(http), grpc: Number(grpc) });
      };
      this.child.stdout?.on('data', read);
      this.child.stderr?.on('data', read);
      this.child.once('close', () => reject(new Error(this.output)));
    });
    this.ports.catch(() => undefined);
  }

  async saw(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  async stop(): Promise<void> {
    this.child.kill();
    await this.ended;
  }
}

function get(options: RequestOptions, body?: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', ...options }, (answer) => {
      let text = '';
      answer.on('data', (data: Buffer) => (text += data.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    outgoing.on('error', reject).end(body);
  });
}

describe('a server with a certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  const callers = new Callers();
  const [cert, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  const use = (name: string) => {
    copyFileSync(join(FIXTURES, `${name}.crt`), cert);
    copyFileSync(join(FIXTURES, `${name}.key`), key);
  };
  const tls = { SUTRA_TLS_CERT: cert, SUTRA_TLS_KEY: key };
  afterAll(() => {
    rmSync(folder, { recursive: true });
    callers.dispose();
  });

  // Each starts a server, which takes its time where others work too.
  jest.setTimeout(120_000);

  it('speaks TLS on every port, renews it under open connections, and prints no key', async () => {
    use('a');
    const server = new Server({ ...callers.environment, ...tls, SUTRA_LOG_LEVEL: 'trace' });
    const { http, grpc } = await server.ports;
    const headers = { 'x-api-key': callers.read };
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${callers.read}`);
    const list = (ca: string, agent?: Agent) => get({ port: http, path: '/v1/models', ca: pem(ca), headers, agent });
    const dial = (ca: string) => connect(grpc, {}, credentials.createSsl(pem(ca)));
    const open = new Agent({ keepAlive: true, maxSockets: 1, ca: pem('a.crt') });
    const client = dial('a.crt');
    const socket = new WebSocket(`wss://127.0.0.1:${http}/v1/ws`, { ca: pem('a.crt'), headers });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    expect((await list('a.crt', open)).status).toBe(200);
    expect((await call(client, 'ListModels', {}, {}, metadata)).value.total_count).toBeGreaterThan(0);
    await expect(list('b.crt')).rejects.toThrow('certificate');
    await expect(
      get({ port: http, path: '/livez', ca: pem('a.crt'), maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    ).rejects.toThrow();

    use('b');
    // The log says so at every reading: at the start, and once both files are those of b.
    await server.saw(/(valid until[\s\S]*){2}/);
    while ((await list('b.crt').catch(() => undefined))?.status !== 200)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(list('a.crt')).rejects.toThrow('certificate');
    const renewed = dial('b.crt');
    expect((await call(renewed, 'ListModels', {}, {}, metadata)).value.total_count).toBeGreaterThan(0);
    // What was open goes on.
    expect((await list('a.crt', open)).status).toBe(200);
    expect((await call(client, 'ListModels', {}, {}, metadata)).value.total_count).toBeGreaterThan(0);
    expect(socket.readyState).toBe(WebSocket.OPEN);

    const bad = await callers.bad();
    const answers = await Promise.all(
      Object.values(bad).flatMap((wrong) => [
        get({ port: http, path: `/v1/models?key=${wrong}`, ca: pem('b.crt'), headers: { 'x-api-key': wrong } }),
        get({ port: http, path: '/v1/models', ca: pem('b.crt'), headers: { authorization: `Bearer ${wrong}` } }),
        call(renewed, 'ListModels', {}, {}, Metadata.fromHttp2Headers({ 'x-api-key': wrong })).catch(
          ({ code, details }) => ({ status: code, text: details }),
        ),
      ]),
    );
    expect(new Set((answers as { status: number }[]).map((answer) => answer.status))).toEqual(
      new Set([401, status.UNAUTHENTICATED]),
    );
    socket.close();
    open.destroy();
    client.close();
    renewed.close();
    await server.stop();
    const heard = server.output + JSON.stringify(answers);
    for (const secret of [callers.read, callers.write, ...Object.values(bad)]) {
      // The id of a key is no secret; its last part, and any token, is.
      const part = secret.startsWith('sutra_') ? secret.split('_').slice(2).join('_') || '\0' : secret;
      expect(heard).not.toContain(part);
    }
    expect(heard).toContain('refused: ');
  });

  it('serves whoever shows a certificate of its own, where it asks for one', async () => {
    use('a');
    const server = new Server({ ...tls, SUTRA_TLS_CLIENT_CA: join(FIXTURES, 'b.crt') });
    const { http, grpc } = await server.ports;
    const shown = { cert: pem('b.crt'), key: pem('b.key') };
    expect((await get({ port: http, path: '/livez', ca: pem('a.crt'), ...shown })).status).toBe(200);
    await expect(get({ port: http, path: '/livez', ca: pem('a.crt') })).rejects.toThrow();
    await expect(
      get({ port: http, path: '/livez', ca: pem('a.crt'), cert: pem('a.crt'), key: pem('a.key') }),
    ).rejects.toThrow();
    const good = connect(grpc, {}, credentials.createSsl(pem('a.crt'), shown.key, shown.cert));
    expect((await call(good, 'ListModels', {})).value.total_count).toBeGreaterThan(0);
    good.close();
    const nobody = connectTls({ port: grpc, host: '127.0.0.1', ca: pem('a.crt'), ALPNProtocols: ['h2'] });
    await new Promise((resolve) => nobody.once('error', resolve).once('close', resolve).resume());
    await server.stop();
  });

  it('does not start with files that do not belong together', async () => {
    use('a');
    copyFileSync(join(FIXTURES, 'b.key'), key);
    const server = new Server(tls);
    expect(await server.ended).toBe(1);
    expect(server.output).toContain('SUTRA_TLS_CERT');
    expect(server.output).toContain('key values mismatch');
    expect(server.output).not.toMatch(/ {4}at /);
  });

  it('does not start with a key file that cannot be read, and says why', async () => {
    const server = new Server({ SUTRA_KEYS_FILE: join(folder, 'none.json') });
    expect(await server.ended).toBe(1);
    expect(server.output).toContain('SUTRA_KEYS_FILE: there is no such file');
  });

  it('says aloud that everybody may use it', async () => {
    use('a');
    const server = new Server({ ...tls, SUTRA_AUTH: 'off' });
    await server.ports;
    await server.saw(/SUTRA_AUTH=off: everybody who can reach this server may use all of it/);
    await server.stop();
  });
});
