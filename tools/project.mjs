// What `npm start`, `npm run build` and `npm test` share: install what is missing, build what has changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const state = join(root, 'node_modules', '.sutra-embedder');
const LEAST_NODE = [20, 19];

/** @param {string} command @param {string[]} args */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) throw error;
  return status ?? 1;
}

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  console.error(`Sutra-Embedder needs Node ${LEAST_NODE.join('.')} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Installs where node_modules does not match package-lock.json. */
export function install() {
  if (recorded('installed') === lockHash()) return;
  console.error('Installing dependencies (once)...');
  // npm hands its own settings to what it runs; the inner npm is to read this project's.
  const status = run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error('npm ci failed; its message is above. It needs the npm registry, once.');
    process.exit(status);
  }
  record('installed', lockHash());
}

/** Builds where a source is newer than the last build. */
export function build() {
  const sources = sourceStamp();
  const isBuilt = recorded('built') === sources && existsSync(join(root, 'apps/api/dist/main.js'));
  if (isBuilt && bundleIsCurrent()) return;
  console.error('Building...');
  const status = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']);
  if (status !== 0) process.exit(status);
  const client = run(process.execPath, [join(root, 'clients/typescript/build.mjs')]);
  if (client !== 0) process.exit(client);
  const bundle = run(process.execPath, [join(root, 'tools/bundle.mjs')]);
  if (bundle !== 0) process.exit(bundle);
  record('built', sources);
}

/** Asks the service itself, which starts from its modules where this is false. */
function bundleIsCurrent() {
  const built = join(root, 'apps/api/dist/bundle.js');
  return existsSync(built) && createRequire(import.meta.url)(built).bundleIsCurrent();
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** Changes with every source file's path, size and time, with the packages, and with how they are bundled. */
function sourceStamp() {
  const bundler = readFileSync(join(root, 'tools/bundle.mjs'));
  const hash = createHash('sha256').update(lockHash()).update(bundler);
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === 'dist') continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (/\.(ts|json)$/.test(entry.name)) {
        const { size, mtimeMs } = statSync(path);
        hash.update(`${path} ${size} ${mtimeMs}\n`);
      }
    }
  };
  for (const folder of ['apps', 'libs', 'clients/typescript']) visit(join(root, folder));
  for (const file of readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name)))
    hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function recorded(name) {
  const file = join(state, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function record(name, value) {
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, name), value);
}
