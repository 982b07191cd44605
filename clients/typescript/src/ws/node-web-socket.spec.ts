import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { type WebSocket, WebSocketServer } from 'ws';
import { FrameReader, maskedFrame, OPCODE } from './frames.ts';
import { NodeWebSocket } from './node-web-socket.ts';

/** The same frame as a server sends it: not masked. */
function unmasked(frame: Uint8Array): Uint8Array {
  const short = (frame[1] as number) & 127;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  const mask = frame.subarray(start, start + 4);
  const data = frame.slice(start + 4);
  for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) ^ (mask[i & 3] as number);
  const head = frame.slice(0, start);
  head[1] = (head[1] as number) & 127;
  return Buffer.concat([head, data]);
}

describe('FrameReader', () => {
  it('puts messages together however frames and bytes are cut', () => {
    const sizes = fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000);
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 6 }), (lengths, cuts) => {
        const messages = lengths.map((length, i) => new Uint8Array(length).fill(i + 1));
        const bytes = Buffer.concat(
          messages.flatMap((data) => {
            // Two parts, with a ping between them.
            const [a, b] = [data.subarray(0, data.length >> 1), data.subarray(data.length >> 1)];
            const first = unmasked(maskedFrame(OPCODE.text, a));
            first[0] = OPCODE.text;
            return [
              first,
              unmasked(maskedFrame(OPCODE.ping, Uint8Array.of(7))),
              unmasked(maskedFrame(OPCODE.continuation, b)),
            ];
          }),
        );
        const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const reader = new FrameReader();
        const read = edges.slice(1).flatMap((to, i) => reader.push(bytes.subarray(edges[i], to)));
        const texts = read.filter(({ opcode }) => opcode === OPCODE.text).map(({ data }) => Buffer.from(data));
        expect(texts).toHaveLength(messages.length);
        expect(texts.every((data, i) => data.equals(messages[i] as Uint8Array))).toBe(true);
        expect(read.filter(({ opcode }) => opcode === OPCODE.ping)).toHaveLength(messages.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('NodeWebSocket, against the package ws', () => {
  let server: WebSocketServer;
  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));
  const open = async () => {
    const socket = new NodeWebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const opened = new Promise((resolve) => (socket.onopen = resolve));
    const [peer] = (await once(server, 'connection')) as [WebSocket];
    await opened;
    return { socket, peer };
  };

  it.each([['short'], ['é€😀'.repeat(50)], ['x'.repeat(70_000)]])('sends and receives (%#)', async (text) => {
    const { socket, peer } = await open();
    peer.on('message', (data) => peer.send(String(data)));
    const echoed = new Promise((resolve) => (socket.onmessage = ({ data }) => resolve(data)));
    socket.send(text);
    expect(await echoed).toBe(text);
    socket.close();
  });

  it('answers pings and both ways of closing', async () => {
    const { socket, peer } = await open();
    peer.ping('x');
    expect(String((await once(peer, 'pong'))[0])).toBe('x');
    const closed = new Promise((resolve) => (socket.onclose = resolve));
    peer.close(1001, 'bye');
    expect(await closed).toEqual({ code: 1001, reason: 'bye', wasClean: true });

    const other = await open();
    const gone = new Promise((resolve) => (other.socket.onclose = resolve));
    other.socket.close(1000, 'done');
    expect((await once(other.peer, 'close'))[0]).toBe(1000);
    expect(await gone).toMatchObject({ code: 1000, wasClean: true });
  });

  it('reports a connection that breaks as not clean', async () => {
    const { socket, peer } = await open();
    const closed = new Promise((resolve) => (socket.onclose = resolve));
    peer.terminate();
    expect(await closed).toMatchObject({ code: 1006, wasClean: false });
  });

  it.each([
    ['answers in HTTP', (_: string) => undefined, /HTTP 403/],
    ['proves nothing', () => 'wrong', /Sec-WebSocket-Accept/],
    ['proves it', (key: string) => accept(key), undefined],
  ])('a server that %s', async (_name, proof, message) => {
    const http = createServer((_request, response) => void response.writeHead(403).end());
    http.on('upgrade', ({ headers }, socket) => {
      const accepted = proof(String(headers['sec-websocket-key']));
      const upgrade = `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accepted}\r\n\r\n`;
      socket.end(accepted === undefined ? 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n' : upgrade);
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const socket = new NodeWebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/`);
    let error: Error | undefined;
    let opened = false;
    socket.onerror = (event) => (error = event as Error);
    socket.onopen = () => (opened = true);
    await new Promise((resolve) => (socket.onclose = resolve));
    if (message) expect(error?.message).toMatch(message);
    expect(opened).toBe(message === undefined);
    await new Promise((resolve) => http.close(resolve));
  });
});

/** RFC 6455, 4.2.2. */
function accept(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
