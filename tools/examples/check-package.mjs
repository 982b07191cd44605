// Whether a package is whole: what npm packs, against what its files ask for.
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';

const IMPORT = /(?:\bfrom\s+|\brequire\(|\bimport\(|\bimport\s+|require\.resolve\()\s*['"]([^'"\n]+)['"]/g;
const BUILT_IN = new Set([...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
/** Files that are loaded by path, which no import names. */
const LOADED_BY_PATH = { '@sutra-embedder/engine': ['dist/host/thread-entry.js', 'dist/session.js'] };

/**
 * @param {string} folder the package, unpacked
 * @returns {string[]} what is wrong with it
 */
export function problemsOf(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = new Set(filesIn(folder));
  const declared = new Set([
    manifest.name,
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
  ]);
  const problems = [];
  const need = (file, why) => {
    if (!files.has(file.replace(/^\.\//, ''))) problems.push(`${file} is missing (${why})`);
  };

  need('LICENSE', 'its licence asks for it');
  need(manifest.main, 'main');
  need(manifest.types, 'types');
  for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
    for (const file of filesOf(target)) need(file, `exports ${entry}`);
  }
  for (const file of LOADED_BY_PATH[manifest.name] ?? []) need(file, 'loaded by path');
  for (const file of files) {
    const source = file.startsWith('src/') && !manifest.files.includes('src');
    if (source || /\.spec\.|\.tsbuildinfo$|^src\/testing\//.test(file))
      problems.push(`${file} does not belong into the package`);
    if (!/\.(js|d\.ts)$/.test(file)) continue;
    for (const [, specifier] of readFileSync(join(folder, file), 'utf8').matchAll(IMPORT)) {
      if (specifier.startsWith('.')) {
        if (!resolves(files, file, specifier)) problems.push(`${file} imports ${specifier}, which is not packed`);
      } else if (!BUILT_IN.has(specifier) && !declared.has(packageOf(specifier))) {
        problems.push(`${file} imports ${specifier}, which package.json does not name`);
      }
    }
  }
  return problems;
}

/** What an entry of `exports` leads to, under whatever conditions. */
function filesOf(target) {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(filesOf);
}

function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function resolves(files, from, specifier) {
  const path = join(from, '..', specifier).replaceAll('\\', '/');
  const ending = from.endsWith('.d.ts') ? '.d.ts' : '.js';
  // TypeScript leaves the endings of sources in the types that it writes.
  const written = path.replace(/\.ts$/, ending);
  return [written, `${path}${ending}`, `${path}/index${ending}`].some((file) => files.has(file));
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.startsWith('node_modules/'));
}
