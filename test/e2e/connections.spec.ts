import { connect as connectHttp2 } from 'node:http2';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { GrpcServer } from '../../apps/api/src/transports/grpc/grpc-server';
import { Service } from './service';

/** Sends bytes over a connection of its own and returns all that comes back until the server closes it. */
function talk(port: number, ...parts: string[]): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(port, '127.0.0.1', () => parts.forEach((part) => socket.write(part)));
    socket.on('data', (bytes) => (heard += String(bytes)));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}

/** The envelope in a raw answer. */
function errorIn(answer: string): { code: string; message: string; request_id: string } {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)).error;
}

describe('connections', () => {
  let service: Service;
  let port: number;
  let grpcPort: number;
  beforeAll(async () => {
    service = await Service.start({
      SUTRA_GRPC_PORT: '0',
      SUTRA_HEADERS_TIMEOUT_MS: '200',
      SUTRA_RECEIVE_TIMEOUT_MS: '400',
      SUTRA_KEEP_ALIVE_MS: '200',
      SUTRA_IDLE_TIMEOUT_MS: '600',
      SUTRA_HEADER_LIMIT_KB: '4',
      SUTRA_MAX_CONNECTIONS: '60',
    });
    await service.app.listen(0, '127.0.0.1');
    port = (service.app.getHttpServer().address() as AddressInfo).port;
    grpcPort = await service.app.get(GrpcServer).listen();
  });
  afterAll(() => service.close());

  it.each([
    ['says nothing', ''],
    ['never ends its headers', 'GET /livez HTTP/1.1\r\nhost: x\r\n'],
    [
      'never ends its body',
      'POST /v1/embeddings HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"te',
    ],
    [
      'never ends its chunks',
      'POST /v1/embeddings HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"te\r\n',
    ],
  ])('answers 408 to a client that %s', async (_name, start) => {
    const answer = await talk(port, start);
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(errorIn(answer)).toMatchObject({ code: 'DEADLINE_EXCEEDED', request_id: expect.stringMatching(/^req_/) });
  });

  it('serves others while many trickle', async () => {
    const slow = Array.from({ length: 50 }, () => talk(port, 'GET /livez HTTP/1.1\r\nho'));
    expect(await (await fetch(`http://127.0.0.1:${port}/livez`)).text()).toContain('ok');
    for (const answer of await Promise.all(slow)) expect(answer).toContain(' 408 ');
  });

  it('closes a connection that has no next request', async () => {
    const answer = await talk(port, 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('answers 431 to headers that are too large', async () => {
    const answer = await talk(port, `GET /livez HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(5000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(errorIn(answer).code).toBe('PAYLOAD_TOO_LARGE');
  });

  it.each([
    ['another protocol', 'EHLO example.com\r\n\r\n'],
    ['two lengths', 'POST /v1/embeddings HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx'],
    [
      'a length beside chunks, as for smuggling',
      'POST /v1/embeddings HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
  ])('answers 400 to %s', async (_name, bytes) => {
    const answer = await talk(port, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(errorIn(answer).code).toBe('INVALID_ARGUMENT');
  });

  it('closes what is over the number of connections, and takes one again when there is room', async () => {
    const open = await Promise.all(Array.from({ length: 60 }, () => opened(port)));
    expect(await talk(port, 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n')).toBe('');
    open.forEach((socket) => socket.destroy());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
  });

  it('closes a gRPC connection that carries no call', async () => {
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    session.on('error', () => undefined);
    await new Promise((resolve) => session.once('close', resolve));
    expect(session.destroyed).toBe(true);
  });

  it('tells who asks for the WebSocket as a page to upgrade', async () => {
    const { status, headers, body } = await service.get('/v1/ws');
    expect(status).toBe(426);
    expect(headers['upgrade']).toBe('websocket');
    expect(body.error.code).toBe('INVALID_ARGUMENT');
  });
});

function opened(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => undefined);
  });
}
