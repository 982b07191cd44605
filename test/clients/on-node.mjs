// `node test/clients/on-node.mjs 24`: the TypeScript client's tests and an example on another version of Node, whose binary
// comes from npm's package `node` into a folder that is removed afterwards. The server runs on it, too.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../tools/examples/server.mjs';
import { build, install, requireNode, root, run } from '../../tools/project.mjs';

const [version] = process.argv.slice(2);
if (!/^\d+(\.\d+){0,2}$/.test(version ?? '')) {
  console.error('usage: on-node.mjs VERSION, such as 24');
  process.exit(2);
}
requireNode();
install();
build();
const folder = mkdtempSync(join(tmpdir(), 'sutra-node-'));
try {
  process.exitCode = runNpm() || runTests() || (await runExample());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function runNpm() {
  return run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`], {
    cwd: folder,
    shell: process.platform === 'win32',
  });
}

function runTests() {
  run(binary(), ['-p', '`The client on Node ${process.version}`']);
  return run(binary(), [join(root, 'node_modules/jest/bin/jest.js'), 'clients/typescript']);
}

/** Node from 22.18 runs TypeScript itself, as the README of the examples says. */
async function runExample() {
  const server = await startServer({});
  try {
    return run(binary(), ['streaming.ts'], {
      cwd: join(root, 'examples/typescript'),
      env: { ...process.env, SUTRA_BASE_URL: server.url },
    });
  } finally {
    await server.stop();
  }
}

function binary() {
  return join(folder, 'node_modules/node/bin/node');
}
