// The JavaScript snippets of docs/migrate.md, as written.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { BuiltServer, root } from './built-server.mjs';

const document = readFileSync(join(root, 'docs/migrate.md'), 'utf8');
const snippets = [...document.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);

describe('docs/migrate.md', () => {
  let server;
  before(async () => void (server = await BuiltServer.start()));
  after(() => server.stop());

  assert.ok(snippets.length > 0);
  for (const code of snippets) {
    it(code.split('\n', 1)[0], async () => {
      const here = code.replaceAll('http://127.0.0.1:8080', server.url);
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', here], {
        cwd: import.meta.dirname,
      });
      assert.match(stdout, /^(\d+ )?384\n$/);
    });
  }
});
