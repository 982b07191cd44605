import { WebSocket } from 'ws';

/** One WebSocket session: sends chunks and measures how long each takes to come back. */
export class WsUser {
  constructor(url, { buffer_size = 100, ...config } = {}) {
    this.latencies = [];
    this.waiting = new Map();
    this.errors = 0;
    this.closed = false;
    this.count = 0;
    this.config = { buffer_size, ...config };
    this.url = `${url.replace('http', 'ws')}/v1/ws`;
  }

  /** Connects; with a stream only where one is wanted. */
  async open({ stream = true } = {}) {
    this.socket = new WebSocket(this.url, { perMessageDeflate: false });
    this.socket.on('message', (data) => this.receive(data));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => (this.closed = true));
    await new Promise((resolve, reject) => this.socket.once('open', resolve).once('error', reject));
    await this.ask('handshake', { protocol_version: '1.0' });
    if (stream) await this.ask('stream_embed', { config: this.config });
  }

  add(text) {
    const chunk_id = String(this.count++);
    this.waiting.set(chunk_id, performance.now());
    this.send('add_chunk', { chunk_id, text });
  }

  send(action, payload) {
    this.socket.send(
      JSON.stringify({ id: `${action}${this.count}`, type: 'request', timestamp: '', payload: { action, ...payload } }),
    );
  }

  ask(action, payload) {
    this.send(action, payload);
    return new Promise((resolve, reject) => {
      this.answered = resolve;
      this.socket.once('close', () => reject(new Error(`closed during ${action}`)));
    });
  }

  receive(data) {
    const text = data.toString('latin1');
    // Vectors are not parsed: what is measured is the server, not this client.
    const chunk = /"chunk_id":"(\d+)"/.exec(text)?.[1];
    if (chunk === undefined) return this.answered?.(JSON.parse(text));
    const since = this.waiting.get(chunk);
    this.waiting.delete(chunk);
    if (text.includes('"type":"error"')) this.errors++;
    else this.latencies.push(performance.now() - since);
  }

  close() {
    this.socket.close(1000);
  }
}
