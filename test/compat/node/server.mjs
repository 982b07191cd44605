// The real servers that the clients are tried on, each a process of its own, and what the native route answers.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BuiltServer, root } from './built-server.mjs';

export const MODEL = 'all-MiniLM-L6-v2';
export const TEXTS = ['The cat sits on the mat', 'Vectors 漢字 🙂', 'x', 'A fourth text, so that batches are cut'];
export const LONG = 'many words '.repeat(40);

/** The native route's vectors. */
export async function native(url, texts, more = {}) {
  const answer = await post(url, { texts, model: MODEL, ...more });
  return (await answer.json()).embeddings.map((vector) => Float32Array.from(vector));
}

/** A server that asks for a key, and a key that it takes. */
export async function guarded() {
  const folder = mkdtempSync(join(tmpdir(), 'compat-'));
  const file = join(folder, 'keys.json');
  const made = execFileSync(process.execPath, [
    join(root, 'apps/api/dist/keys.js'),
    'create',
    '--file',
    file,
    '--scope',
    'read',
  ]);
  const server = await BuiltServer.start({ settings: { SUTRA_KEYS_FILE: file } });
  return {
    url: server.url,
    key: /sutra_\S+/.exec(String(made))[0],
    stop: () => server.stop().finally(() => rmSync(folder, { recursive: true })),
  };
}

/** A server in whose queue next to nothing may wait, while somebody's thousand texts wait before everybody else's. */
export async function overloaded() {
  const server = await BuiltServer.start({ settings: { SUTRA_QUEUE_TOKENS: '8' } });
  const gone = new AbortController();
  const texts = Array.from({ length: 1000 }, (_, i) => `${i} ${'many words '.repeat(120)}`);
  post(server.url, { texts, model: MODEL }, gone.signal).catch(() => undefined);
  const end = Date.now() + 60_000;
  while ((await post(server.url, { texts: [LONG], model: MODEL })).status !== 429) {
    if (Date.now() > end) throw new Error('The server took everything');
  }
  return {
    url: server.url,
    stop: () => {
      gone.abort();
      return server.stop();
    },
  };
}

function post(url, body, signal) {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}/v1/embeddings`, { method: 'POST', headers, body: JSON.stringify(body), signal });
}
