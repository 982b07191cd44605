// Whatever the OpenAPI document allows, and what it does not, through schemathesis: no server error, no answer that the
// document does not have. Needs Python 3.10 with venv, and PyPI.
//   node test/load/fuzz/rest-schema.mjs [cases of an operation, 100] [seed]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, install, requireNode } from '../../../tools/project.mjs';

const [cases = '100', seed = '1'] = process.argv.slice(2);
const VERSION = '4.32.5';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
];

requireNode();
install();
build();
const { BuiltServer } = await import('../server/built-server.mjs');
const folder = mkdtempSync(join(tmpdir(), 'sutra-schema-'));
const python = process.env.PYTHON ?? 'python3';
let server;
try {
  run(python, ['-m', 'venv', folder]);
  run(join(folder, 'bin/pip'), ['install', '-q', '--disable-pip-version-check', `schemathesis==${VERSION}`]);
  server = await BuiltServer.start({ settings: { HF_HUB_OFFLINE: '1' } });
  const args = [
    'run',
    `${server.url}/docs-json`,
    '--checks',
    CHECKS.join(','),
    '--max-examples',
    cases,
    '--seed',
    seed,
  ];
  // Without a hub every download ends in an honest 503.
  args.push('--exclude-path-regex', '/download$', '--continue-on-failure', '--no-color');
  run(join(folder, 'bin/schemathesis'), args, { cwd: folder });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args, options = {}) {
  const { status } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (status !== 0) throw new Error(`${command} failed with code ${status}`);
}
