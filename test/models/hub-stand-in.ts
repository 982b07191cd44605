import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What the stand-in does with one GET of a file instead of sending it. */
export type Trouble =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  /** Sends up to a byte of the whole file, then drops the connection. */
  | { readonly kind: 'cut'; readonly at: number }
  /** Ends in good order after a byte of the whole file, without having said how much would come. */
  | { readonly kind: 'truncate'; readonly at: number }
  /** Sends up to a byte of the whole file, then nothing more. */
  | { readonly kind: 'stall'; readonly at: number }
  /** Sends pieces of so many bytes with a pause between. */
  | { readonly kind: 'trickle'; readonly bytes: number; readonly pauseMs: number }
  /** Sends bytes that are not the file's. */
  | { readonly kind: 'forge'; readonly body: Buffer }
  /** Sends all of it whatever range was asked for. */
  | { readonly kind: 'ignore-range' };

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export interface StandInOptions {
  /** Files above this go through a redirect to storage on another port, as large files do on the hub. */
  readonly largeBytes?: number;
  /** Keep the size and hashes of files to oneself. */
  readonly taciturn?: boolean;
  readonly hops?: number;
}

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** A local server that answers as the Hugging Face hub does, and makes trouble on demand. */
export class HubStandIn {
  /** Stays the same when it is closed: nobody answers there then. */
  url = '';
  readonly asked: Asked[] = [];
  /** Troubles for the next GETs of a file, one each. */
  readonly troubles = new Map<string, Trouble[]>();
  /** Body bytes sent of each file. */
  readonly sent = new Map<string, number>();
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly storage: Server,
    readonly files: Map<string, Buffer>,
    private readonly options: StandInOptions,
  ) {}

  static async start(files: Map<string, Buffer>, options: StandInOptions = {}): Promise<HubStandIn> {
    const [server, storage] = [createServer(), createServer()];
    const standIn = new HubStandIn(server, storage, files, options);
    for (const one of [server, storage]) {
      one.on('request', (request, response) => void standIn.answer(one === storage, request, response));
      one.on('connection', (socket) => {
        standIn.sockets.add(socket);
        socket.on('close', () => standIn.sockets.delete(socket));
      });
      await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
    }
    standIn.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return standIn;
  }

  trouble(path: string, ...troubles: Trouble[]): void {
    this.troubles.set(path, [...(this.troubles.get(path) ?? []), ...troubles]);
  }

  /** GETs of a file's bytes. */
  gets(path: string): Asked[] {
    return this.asked.filter((one) => one.method === 'GET' && one.path.endsWith(`/${path}`) && this.isFinal(one));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await Promise.all([this.server, this.storage].map((one) => new Promise((resolve) => one.close(resolve))));
  }

  private isFinal({ path }: Asked): boolean {
    const name = path.split('/resolve/')[1]?.split('/').slice(1).join('/') ?? '';
    return path.startsWith('/storage/') || !this.isLarge(this.files.get(name));
  }

  private isLarge(content: Buffer | undefined): boolean {
    return content !== undefined && content.length > (this.options.largeBytes ?? Infinity);
  }

  private async answer(isStorage: boolean, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url ?? '');
    this.asked.push({
      method: request.method ?? '',
      path: isStorage ? path.replace(/^\/[^/]+/, '/storage') : path,
      range: request.headers.range,
      authorization: request.headers.authorization,
    });
    const name = path.split('/resolve/')[1]?.split('/').slice(1).join('/') ?? '';
    const content = this.files.get(name);
    const trouble = request.method === 'GET' && this.ends(isStorage, content) ? this.next(name) : undefined;
    if (trouble?.kind === 'status') {
      if (trouble.retryAfter !== undefined) response.setHeader('retry-after', trouble.retryAfter);
      return void response.writeHead(trouble.status).end();
    }
    if (!content) return void response.writeHead(404).end();
    if (!isStorage) this.describe(response, content);
    if (!this.ends(isStorage, content)) {
      const { port } = this.storage.address() as AddressInfo;
      return void response
        .writeHead(302, { location: `http://127.0.0.1:${port}/hop${this.options.hops ?? 0}${path}` })
        .end();
    }
    const hop = Number(/^\/hop(\d+)/.exec(path)?.[1] ?? 0);
    if (isStorage && hop > 0) {
      return void response.writeHead(307, { location: path.replace(/^\/hop\d+/, `/hop${hop - 1}`) }).end();
    }
    if (request.method === 'HEAD') {
      if (!this.options.taciturn) response.setHeader('content-length', content.length);
      return void response.writeHead(200).end();
    }
    await this.send(name, content, trouble, request, response);
  }

  /** Whether this server is the one that sends the bytes. */
  private ends(isStorage: boolean, content: Buffer | undefined): boolean {
    return isStorage || !this.isLarge(content);
  }

  private describe(response: ServerResponse, content: Buffer): void {
    response.setHeader('x-repo-commit', COMMIT);
    if (this.options.taciturn) return;
    if (this.isLarge(content)) {
      response.setHeader('x-linked-etag', `"${createHash('sha256').update(content).digest('hex')}"`);
      response.setHeader('x-linked-size', content.length);
      response.setHeader('etag', '"something-of-the-storage"');
    } else {
      const blob = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
      response.setHeader('etag', `"${blob}"`);
    }
  }

  private next(name: string): Trouble | undefined {
    return this.troubles.get(name)?.shift();
  }

  private async send(
    name: string,
    content: Buffer,
    trouble: Trouble | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const body = trouble?.kind === 'forge' ? trouble.body : content;
    const asked =
      trouble?.kind === 'ignore-range' ? undefined : /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const from = Number(asked ?? 0);
    if (from > 0 && from >= body.length) {
      return void response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    }
    const chunked = trouble?.kind === 'truncate' || this.options.taciturn;
    response.writeHead(asked === undefined ? 200 : 206, {
      ...(!chunked && { 'content-length': body.length - from }),
      ...(asked !== undefined && { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }),
    });
    const to = trouble && 'at' in trouble ? Math.max(from, Math.min(trouble.at, body.length)) : body.length;
    const step = trouble?.kind === 'trickle' ? trouble.bytes : 64 * 1024;
    for (let at = from; at < to && !response.destroyed; at += step) {
      const piece = body.subarray(at, Math.min(at + step, to));
      this.sent.set(name, (this.sent.get(name) ?? 0) + piece.length);
      await new Promise<void>((resolve) => void response.write(piece, () => resolve()));
      if (trouble?.kind === 'trickle') await new Promise((resolve) => setTimeout(resolve, trouble.pauseMs));
    }
    if (trouble?.kind === 'stall') return;
    // A moment for what was written to leave before the line goes dead.
    if (trouble?.kind === 'cut') return void setTimeout(() => response.socket?.destroy(), 100);
    response.end();
  }
}
