// The built server as a process of its own.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../project.mjs';

const LIMIT_MS = 120_000;

/**
 * Starts the server and waits until it listens or ends.
 * @param {Record<string, string>} environment
 * @returns {Promise<{ url?: string, code?: number | null, output: string, stop(): Promise<void> }>}
 */
export function startServer(environment) {
  const child = spawn(process.execPath, [join(root, 'apps/api/dist/main.js')], {
    env: {
      PATH: process.env.PATH,
      SUTRA_HTTP_PORT: '0',
      SUTRA_GRPC_PORT: '0',
      SUTRA_LOG_LEVEL: 'warn',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const closed = new Promise((resolve) => child.once('close', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await closed;
  };
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the server did not start within ${LIMIT_MS / 1000} s:\n${output}`));
    }, LIMIT_MS);
    const settle = (result) => {
      clearTimeout(limit);
      resolve({ ...result, output, stop });
    };
    const read = (data) => {
      output += data;
      const url = /listens on (http:[^\s,]+)/.exec(output)?.[1];
      if (url) settle({ url });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('close', (code) => settle({ code }));
  });
}

/** @returns {Promise<any>} the parsed answer; throws with the body when it is an error */
export async function ask(url, body) {
  const response = await fetch(url, {
    ...(body && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
