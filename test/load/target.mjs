import { APIS, MODEL_OF_GRAPH } from './apis.mjs';
import { BuiltServer } from './server/built-server.mjs';

/** A server under load: the one that was built here, or one that runs already. */
export class Target {
  constructor({ url, pid, server, api, model }) {
    this.url = url;
    this.pid = pid;
    this.server = server;
    this.request = APIS[api](model);
  }

  /** @param {{ graph: string, nodeOptions?: string[] }} run @param {ReturnType<typeof import('./options.mjs').readOptions>} options */
  static async open({ graph, nodeOptions }, { against, api, model, pid, settings }) {
    if (against !== undefined) return new Target({ url: against, pid, api, model: model ?? MODEL_OF_GRAPH[graph] });
    const preset = MODEL_OF_GRAPH[graph];
    const server = await BuiltServer.start({ settings: { SUTRA_PRELOAD: preset, ...settings }, nodeOptions });
    return new Target({ url: server.url, pid: server.pid, server, api: 'sutra', model: preset });
  }

  /** What ran, as the server tells it. @throws Error when it does not answer with vectors */
  async check() {
    const answer = await fetch(this.url + this.request.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: this.request.body(['The lamp is lit.']),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${this.url} answers ${answer.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text).metadata;
  }

  /** Metrics of the built server; undefined for another. */
  metrics() {
    return this.server?.metrics();
  }

  close() {
    return this.server?.stop();
  }
}
