// `npm run test:examples`: packs libs/* and the TypeScript client, builds and tests every example from the packed files
// alone, in a folder outside of this repository, runs the built server with the examples as its plugins, and the client's
// README and examples against it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { problemsOf } from './examples/check-package.mjs';
import { runDocumented } from './examples/documented.mjs';
import { ask, startServer } from './examples/server.mjs';
import { runExamples, walkReadme } from './examples/typescript-client.mjs';
import { build, install, requireNode, root } from './project.mjs';

const MODEL = 'all-MiniLM-L6-v2';

requireNode();
install();
build();
const startedAt = performance.now();
/** Ends what runs beside a step that has failed. */
const stopping = new AbortController();
const folder = mkdtempSync(join(tmpdir(), 'sutra-examples-'));
try {
  const tarballs = await step('pack libs/* and the client', () => pack(join(folder, 'packed')));
  await step('every packed file is whole', () => checkPacked(tarballs));
  // Side by side: unpacking waits for the disk, tests for the processor.
  await Promise.all(
    examples().map(async (name) => {
      await step(`examples/${name}: install from the packed files`, () => installExample(name, tarballs));
      await step(`examples/${name}: npm test`, () => npm(['test', '--silent'], join(folder, name)));
    }),
  );
  // A plugin installed on its own brings its own engine and its own Nest: there are two copies of both from here on.
  await step('the server on examples/plugin-backend and plugin-processor', runOnPlugins);
  await step('an engine copy of another major version stops the boot', refuseOtherMajor);
  await step('docs/plugins.md as written', runDocs);
  await useClient(tarballs.get('@sutra-embedder/client'));
  console.log(`all of it in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
  stopping.abort();
} finally {
  // What was stopped may still be writing.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

async function step(title, work) {
  const begunAt = performance.now();
  try {
    const result = await work();
    console.log(`ok    ${title} (${((performance.now() - begunAt) / 1000).toFixed(1)} s)`);
    return result;
  } catch (error) {
    throw new Error(`FAIL  ${title}\n${error.message}`, { cause: error });
  }
}

function npm(args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, {
      cwd,
      signal: stopping.signal,
      // npm hands its own settings down; the example is to be found as a stranger finds it.
      env: {
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
        SUTRA_EXAMPLE_MODELS: join(root, 'models'),
      },
      shell: process.platform === 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve(stdout);
      else reject(new Error(`npm ${args.join(' ')} failed in ${basename(cwd)}:\n${stdout}${stderr}`));
    });
  });
}

/** @returns {Promise<Map<string, string>>} tarball by package name */
async function pack(target) {
  mkdirSync(target);
  const folders = [
    ...readdirSync(join(root, 'libs')),
    ...readdirSync(join(root, 'libs/compat')).map((name) => `compat/${name}`),
  ]
    .map((name) => `libs/${name}`)
    .concat('clients/typescript')
    .filter((name) => {
      const manifest = join(root, name, 'package.json');
      return existsSync(manifest) && !JSON.parse(readFileSync(manifest, 'utf8')).private;
    });
  const packed = JSON.parse(
    // Nothing is built again: what is packed is what was built.
    await npm(
      ['pack', '--json', '--ignore-scripts', '--pack-destination', target, ...folders.flatMap((name) => ['-w', name])],
      root,
    ),
  );
  return new Map(packed.map(({ name, filename }) => [name, join(target, filename)]));
}

function checkPacked(tarballs) {
  const problems = [...tarballs].flatMap(([name, file]) => {
    const target = join(folder, 'unpacked', name);
    mkdirSync(target, { recursive: true });
    const { status, stderr } = spawnSync('tar', ['-xzf', file, '--strip-components=1', '-C', target]);
    if (status !== 0) throw new Error(`tar could not unpack ${file}: ${stderr}`);
    return problemsOf(target).map((problem) => `${name}: ${problem}`);
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Those in TypeScript; the others are tested with the clients they are for. */
function examples() {
  return readdirSync(join(root, 'examples')).filter((name) => existsSync(join(root, 'examples', name, 'package.json')));
}

function installExample(name, tarballs) {
  const target = join(folder, name);
  cpSync(join(root, 'examples', name), target, {
    recursive: true,
    filter: (path) => !['node_modules', 'dist'].includes(basename(path)),
  });
  const manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  const named = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies });
  const own = [...tarballs].filter(([library]) => named.includes(library)).map(([, file]) => file);
  return npm(
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', ...own],
    target,
  );
}

async function runOnPlugins() {
  const backend = join(folder, 'plugin-backend');
  const processor = join(folder, 'plugin-processor');
  const other = await started({ SUTRA_PLUGINS: join(backend, 'dist/test/embed-routes.js') });
  try {
    const texts = join(folder, 'texts.txt');
    writeFileSync(texts, someTexts(500).join('\n'));
    const whitening = join(folder, 'whitening.json');
    const fitted = spawnSync(process.execPath, [join(processor, 'dist/src/fit-cli.js'), texts, whitening], {
      encoding: 'utf8',
      env: { ...process.env, SUTRA_BASE_URL: other.url },
    });
    assert.equal(fitted.status, 0, fitted.stderr);
    const here = await started({
      SUTRA_PLUGINS: `${backend},${processor}`,
      REMOTE_EMBED_URL: `${other.url}/remote`,
      WHITENING_FILE: whitening,
      SUTRA_PRELOAD: MODEL,
    });
    try {
      await compare(other.url, here.url, whitening);
    } finally {
      await here.stop();
    }
  } finally {
    await other.stop();
  }
}

/** The same vectors through the remote backend as without it, whitened where they are made shorter. */
async function compare(otherUrl, url, whitening) {
  const texts = ['a request that runs elsewhere', 'and another one'];
  const direct = await ask(`${otherUrl}/v1/embeddings`, { texts, model: MODEL });
  const remote = await ask(`${url}/v1/embeddings`, { texts, model: MODEL });
  assert.equal(direct.metadata.backend, 'onnx-cpu');
  assert.equal(remote.metadata.backend, 'remote');
  assert.deepEqual(remote.embeddings, direct.embeddings);
  const system = await ask(`${url}/v1/system`);
  const names = system.plugins.map(({ name }) => name);
  assert.ok(names.includes('@sutra-embedder/example-plugin-backend'), names.join());
  assert.equal(system.strategies.processor[0].id, 'whitening');

  const { embeddings } = await ask(`${url}/v1/embeddings`, { texts, model: MODEL, dimensions: 64 });
  const file = JSON.parse(readFileSync(whitening, 'utf8'));
  const floats = (text) => new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
  const [mean, matrix] = [floats(file.mean), floats(file.matrix)];
  direct.embeddings.forEach((vector, row) => {
    const white = Array.from({ length: 64 }, (_, axis) =>
      vector.reduce((sum, value, i) => sum + (value - mean[i]) * matrix[axis * vector.length + i], 0),
    );
    const length = Math.hypot(...white);
    white.forEach((value, i) => assert.ok(Math.abs(value / length - embeddings[row][i]) < 1e-5, `${row}, ${i}`));
  });
}

async function refuseOtherMajor() {
  const backend = join(folder, 'plugin-backend');
  const file = join(backend, 'node_modules/@sutra-embedder/engine/package.json');
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(before), version: '2.0.0' }));
  try {
    const { code, url, output, stop } = await startServer({ SUTRA_PLUGINS: backend });
    if (url) await stop();
    assert.equal(code, 1, output);
    assert.match(
      output,
      /Plugin "@sutra-embedder\/example-plugin-backend": it brings a copy of @sutra-embedder\/engine 2\.0\.0, this is 1\./,
    );
    assert.match(output, /make the engine a peerDependency/);
    assert.doesNotMatch(output, /listens on| {4}at /);
  } finally {
    writeFileSync(file, before);
  }
}

/** As its README and its examples say, against a server as it starts without any settings. */
async function useClient(tarball) {
  const server = await started({});
  try {
    const empty = join(folder, 'a-new-user');
    mkdirSync(empty);
    await step('clients/typescript/README.md as written: TypeScript, JavaScript, CommonJS', () =>
      walkReadme(empty, tarball, npm, server.url),
    );
    cpSync(join(root, 'examples/texts'), join(folder, 'texts'), { recursive: true });
    await step('examples/typescript as written', () => runExamples(join(folder, 'typescript'), server.url));
  } finally {
    await server.stop();
  }
}

function runDocs() {
  const { status, output } = runDocumented(join(root, 'docs/plugins.md'), { TMPDIR: folder });
  if (status !== 0) throw new Error(output);
}

async function started(environment) {
  const server = await startServer(environment);
  if (!server.url) throw new Error(`the server ended with code ${server.code}:\n${server.output}`);
  return server;
}

/** Sentences that differ in who, what and where. */
function someTexts(count) {
  const who = ['A dog', 'My neighbor', 'The teacher', 'A committee', 'Her sister', 'The engine', 'A storm', 'Nobody'];
  const what = ['repaired', 'forgot', 'painted', 'sold', 'measured', 'found', 'described', 'broke', 'lent'];
  const which = ['the old bridge', 'a letter', 'three boats', 'the recipe', 'a melody', 'the contract', 'a telescope'];
  const pick = (list, i) => list[i % list.length];
  return Array.from(
    { length: count },
    (_, i) =>
      `${pick(who, i)} ${pick(what, Math.floor(i / who.length))} ${pick(which, Math.floor(i / 72))}, ${i} times.`,
  );
}
