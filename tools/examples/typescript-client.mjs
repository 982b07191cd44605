// A new user of the TypeScript client: its packed file in an empty folder, and its README as written.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../project.mjs';
import { runDocumented } from './documented.mjs';

const README = join(root, 'clients/typescript/README.md');
const IMPORT = /^import .*;\n/gm;

/** What a user of TypeScript brings, in the versions that the examples name. */
const { devDependencies } = JSON.parse(readFileSync(join(root, 'examples/typescript/package.json'), 'utf8'));
const TOOLS = Object.entries(devDependencies).map(([name, version]) => `${name}@${version}`);

/** What a folder of each kind needs beside the client: its package.json, and the compiler's settings. */
const MANIFEST = { name: 'a-new-user', private: true, type: 'module' };
const COMPILER = {
  compilerOptions: { target: 'ES2022', module: 'nodenext', strict: true, outDir: 'built', types: ['node'] },
  files: ['readme.ts'],
};

/**
 * The README's code: readme.ts and readme.mjs hold all blocks marked ts, readme.cjs the one marked js.
 * The first block stands at the top, for the others use its names; each of those has a scope of its own.
 */
function writeReadme(folder) {
  const text = readFileSync(README, 'utf8');
  const [first, ...others] = blocksOf(text, 'ts');
  const imports = others.flatMap((block) => block.match(IMPORT) ?? []);
  const scopes = others.map((block) => `{\n${block.replace(IMPORT, '')}}\n`);
  const code = [...imports, first, ...scopes].join('');
  writeFileSync(join(folder, 'package.json'), JSON.stringify(MANIFEST));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(COMPILER));
  writeFileSync(join(folder, 'readme.ts'), code);
  writeFileSync(join(folder, 'readme.mjs'), code);
  writeFileSync(join(folder, 'readme.cjs'), blocksOf(text, 'js').join(''));
}

function blocksOf(text, language) {
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, code]) => code,
  );
  if (blocks.length === 0) throw new Error(`The README has no code marked ${language}`);
  return blocks;
}

/** What every run of the README must print, in whatever order streams have. */
const README_SAYS = [
  /^A kitten naps on the couch 0\.\d+$/m,
  /^2 The recipe asks for two eggs 384 3$/m,
  /^Revenue rose by a tenth 128$/m,
  /^second line 384 [\d.]+$/m,
  /^chunk_\S+ 128$/m,
  /chunks_processed: 2/,
  /^Dimensions must be .* req_/ms,
  /^all-MiniLM-L6-v2 384 loaded$/m,
  /^ready 100 %$/m,
];

/** What the examples must find, whose commands are in their README. */
const EXAMPLES_SAY = [
  /^0\.\d+ {2}nature\.txt, paragraph 1$/m,
  /^50 lines embedded .* nearest to trains: .*locomotive/m,
  /penalty[^:]*marathon[^:]*cup[^:]*serves/,
  /telescope[^:]*probe[^:]*Astronomers[^:]*comet/,
  /Simmer[^:]*Knead[^:]*Roast[^:]*salt/,
];

/**
 * @param {string} folder an empty one
 * @param {(args: string[], cwd: string) => Promise<string>} npm
 */
export async function walkReadme(folder, tarball, npm, baseUrl) {
  writeReadme(folder);
  await npm(['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', tarball], folder);
  // No other package comes with it.
  assert.deepEqual(readdirSync(join(folder, 'node_modules')).filter(isPackage), ['@sutra-embedder']);
  const run = (...args) => output(process.execPath, args, folder, baseUrl);
  says(run('readme.mjs'), README_SAYS);
  says(run('readme.cjs'), [/^healthy$/m]);
  await npm(['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', ...TOOLS], folder);
  run('node_modules/typescript/bin/tsc');
  says(run('built/readme.js'), README_SAYS);
  says(run('node_modules/tsx/dist/cli.mjs', 'readme.ts'), README_SAYS);
}

/** @param {string} folder the examples, installed; the texts lie beside it */
export function runExamples(folder, baseUrl) {
  const { status, output } = runDocumented(join(folder, 'README.md'), { SUTRA_BASE_URL: baseUrl }, folder);
  if (status !== 0) throw new Error(output);
  says(output, EXAMPLES_SAY);
  assert.equal(readFileSync(join(folder, 'clusters.svg'), 'utf8').match(/<circle /g)?.length, 12);
}

function output(command, args, cwd, baseUrl) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, SUTRA_BASE_URL: baseUrl },
  });
  if (status !== 0) throw new Error(`${args.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout;
}

function says(text, patterns) {
  for (const pattern of patterns) assert.match(text, pattern);
}

const isPackage = (name) => !name.startsWith('.');
