import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseMetrics } from './prometheus.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const START_TIMEOUT_MS = 120_000;

/** The built server in a process of its own, on a free port. */
export class BuiltServer {
  constructor(child, url, grpcPort) {
    this.child = child;
    this.url = url;
    this.grpcPort = grpcPort;
    this.pid = child.pid;
  }

  /**
   * @param {object} options
   * @param {Record<string, string>} [options.settings] variables of the service
   * @param {string[]} [options.nodeOptions]
   * @param {'inherit' | number} [options.stdout] where its log goes
   */
  static async start({ settings = {}, nodeOptions = [], stdout = 'inherit' } = {}) {
    const child = spawn(process.execPath, [...nodeOptions, join(root, 'apps/api/dist/main.js')], {
      cwd: root,
      env: {
        ...process.env,
        ...known({ SUTRA_HTTP_PORT: '0', SUTRA_GRPC_PORT: '0', SUTRA_LOG_LEVEL: 'warn', SUTRA_CACHE_MB: '0' }),
        ...settings,
      },
      stdio: ['ignore', stdout, 'pipe', 'ipc'],
    });
    const [url, grpcPort] = await new Promise((resolve, reject) => {
      let said = '';
      const timer = setTimeout(() => reject(new Error(`The server did not start:\n${said}`)), START_TIMEOUT_MS);
      child.stderr.on('data', (bytes) => {
        said += bytes;
        const found = /listens on (http:\/\/[^\s,]+), gRPC on port (\d+)/.exec(said);
        if (found) {
          clearTimeout(timer);
          resolve([found[1].replace('[::1]', '127.0.0.1'), Number(found[2])]);
        }
      });
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`The server ended with code ${code} while it started:\n${said}`));
      });
    });
    return new BuiltServer(child, url, grpcPort);
  }

  async metrics() {
    return parseMetrics(await (await fetch(`${this.url}/v1/metrics`)).text());
  }

  async post(path, body) {
    const answer = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
  }
}

/** The service refuses variables that it does not know; those it knows are set. */
function known(settings) {
  const { loadConfiguration } = createRequire(import.meta.url)(join(root, 'apps/api/dist/config/configuration.js'));
  return Object.fromEntries(
    Object.entries(settings).filter(([name, value]) => {
      try {
        loadConfiguration({ [name]: value });
        return true;
      } catch {
        return false;
      }
    }),
  );
}
