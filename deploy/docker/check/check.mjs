// Runs the steps of deploy/docker/Dockerfile without Docker and asks the result for a vector: `npm run check:image`.
// Needs root on Debian or the like, with debootstrap. The base image is stood in for by Debian's minimal system and
// the Node that runs this.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Chroot } from './chroot.mjs';
import { contextOf, instructionsOf, pairsOf } from './dockerfile.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const cache = join(tmpdir(), 'sutra-image-check');
const base = join(cache, 'base');
const work = mkdtempSync(join(tmpdir(), 'sutra-image-'));
try {
  prepareBase();
  const image = build();
  report(image);
  await serve(image);
  console.log('The image serves as it is meant to.');
} finally {
  rmSync(work, { recursive: true, force: true });
}

function prepareBase() {
  if (existsSync(join(base, 'usr/local/bin/node'))) return;
  if (!existsSync(join(base, 'bin/sh'))) run('debootstrap', '--variant=minbase', 'bookworm', base);
  const npm = join(execFileSync('npm', ['root', '-g'], { encoding: 'utf8' }).trim(), 'npm');
  mkdirSync(join(base, 'usr/local/lib/node_modules'), { recursive: true });
  cpSync(realpathSync(npm), join(base, 'usr/local/lib/node_modules/npm'), { recursive: true });
  for (const name of ['npm', 'npx'])
    run('ln', '-sf', `../lib/node_modules/npm/bin/${name}-cli.js`, join(base, 'usr/local/bin', name));
  cpSync(process.execPath, join(base, 'usr/local/bin/node'));
}

/** Carries out the instructions. @returns the last stage */
function build() {
  const stages = new Map();
  let stage;
  for (const { name, rest } of instructionsOf(readFileSync(join(root, 'deploy/docker/Dockerfile'), 'utf8'))) {
    console.log(`${name} ${rest.replaceAll(/\s+/g, ' ').slice(0, 120)}`);
    switch (name) {
      case 'FROM': {
        const [, , as] = rest.split(/\s+/);
        stage = { folder: join(work, String(stages.size)), env: {}, cwd: '/', user: undefined, volumes: [] };
        stages.set(as ?? stages.size, stage);
        run('cp', '-a', base, stage.folder);
        break;
      }
      case 'ENV':
        Object.assign(stage.env, pairsOf(rest));
        break;
      case 'WORKDIR':
        stage.cwd = rest;
        mkdirSync(join(stage.folder, rest), { recursive: true });
        break;
      case 'COPY':
        copy(stages, stage, rest.split(/\s+/));
        break;
      case 'RUN':
        new Chroot(stage.folder).run(['/bin/sh', '-c', rest], { ...stage, env: { ...stage.env, ...fromOutside() } });
        break;
      case 'USER':
        stage.user = rest;
        break;
      case 'VOLUME':
        stage.volumes.push(...JSON.parse(rest));
        break;
      case 'HEALTHCHECK':
        stage.healthcheck = JSON.parse(rest.slice(rest.indexOf('[')));
        break;
      case 'CMD':
        stage.command = JSON.parse(rest);
        break;
      case 'ARG':
      case 'LABEL':
      case 'EXPOSE':
        break;
      default:
        throw new Error(`${name} is an instruction that this check cannot carry out`);
    }
  }
  return stage;
}

function copy(stages, { folder, cwd }, [...words]) {
  const from = words[0].startsWith('--from=') ? stages.get(words.shift().slice(7)) : undefined;
  const [source, target] = words;
  const to = target.startsWith('/') ? join(folder, target) : join(folder, cwd, target);
  mkdirSync(to, { recursive: true });
  if (from) return run('cp', '-a', `${join(from.folder, source)}/.`, to);
  for (const path of contextOf(root)) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(root, path), join(to, path));
  }
}

/** How this machine reaches the npm registry. */
function fromOutside() {
  const setting = (name) => execFileSync('npm', ['config', 'get', name], { encoding: 'utf8' }).trim();
  const certificates = process.env.NODE_EXTRA_CA_CERTS ?? '/etc/ssl/certs/ca-certificates.crt';
  const folder = join(work, '0');
  cpSync('/etc/resolv.conf', join(folder, 'etc/resolv.conf'), { dereference: true });
  if (existsSync(certificates)) cpSync(certificates, join(folder, 'tmp/certificates.crt'), { dereference: true });
  return {
    npm_config_registry: setting('registry'),
    NODE_EXTRA_CA_CERTS: '/tmp/certificates.crt',
    npm_config_cafile: '/tmp/certificates.crt',
  };
}

function report({ folder }) {
  const size = (path) => Number(execFileSync('du', ['-sm', path], { encoding: 'utf8' }).split('\t')[0]);
  const app = join(folder, 'app');
  console.log(
    `Size of what is put on the base image: ${size(app)} MB, of it node_modules ${size(join(app, 'node_modules'))}, models ${size(join(app, 'models'))}; the stand-in for the base: ${size(base)} MB`,
  );
}

/** As the image says, as its user, with nothing writable but its volumes and /tmp. */
async function serve({ folder, env, cwd, user, volumes, command, healthcheck }) {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const settings = {
    ...env,
    SUTRA_HOST: '127.0.0.1',
    SUTRA_HTTP_PORT: String(port),
    SUTRA_GRPC_PORT: '0',
  };
  const chroot = new Chroot(folder);
  const options = { env: settings, cwd, user, writable: ['/tmp', ...volumes] };
  const server = chroot.start(command, options);
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (bytes) => (said += bytes));
  try {
    const healthy = () =>
      spawnSync('unshare', chroot.arguments(healthcheck, { ...options, readOnly: true })).status === 0;
    for (let tries = 0; !healthy(); tries++) {
      if (server.exitCode !== null || tries > 200) throw new Error(`It does not become healthy:\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const answer = await fetch(`http://127.0.0.1:${port}/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ texts: ['hello world'] }),
    });
    const { embeddings, metadata } = await answer.json();
    console.log(
      `HEALTHCHECK passes; POST /v1/embeddings: ${answer.status}, ${embeddings[0].length} numbers from ${metadata.backend}`,
    );
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    console.log(`It runs as user ${/^Uid:\s+(\d+)/m.exec(status)[1]}`);
    if (!status.includes('Uid:\t10001')) throw new Error('It runs as another user than it should');
    const write = spawnSync('unshare', chroot.arguments(['touch', '/app/x'], { ...options, readOnly: true }));
    if (write.status === 0) throw new Error('The file system is not read-only');
  } finally {
    const gone = new Promise((resolve) => server.once('exit', (code, signal) => resolve(code ?? signal)));
    if (server.exitCode === null) {
      server.kill('SIGTERM');
      console.log(`On SIGTERM it exits with ${await gone}`);
    }
  }
}

function run(command, ...words) {
  execFileSync(command, words, { stdio: 'inherit' });
}
