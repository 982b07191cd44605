// Puts the server and the packages it uses into one script, which apps/api/src/bundle.ts starts from.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { root } from './project.mjs';

const folder = join(root, 'apps/api/dist/bundle');

/** What Nest asks for and this server does without, and what has native parts. */
const OUTSIDE = [
  '@nestjs/microservices',
  '@nestjs/websockets',
  '@nestjs/platform-express',
  '@fastify/multipart',
  '@fastify/view',
  'class-transformer/storage',
  'onnxruntime-node',
];

/**
 * Bundled code is told where it was: workers, protocol files and packages are found from there.
 * @type {import('esbuild').Plugin}
 */
const keepPlaces = {
  name: 'keep-places',
  setup(build) {
    build.onLoad({ filter: /\.[cm]?js$/ }, ({ path }) => {
      const place = JSON.stringify(relative(root, path).split(sep).join('/'));
      const source = readFileSync(path, 'utf8');
      const isOurs = !place.includes('node_modules');
      const contents = (isOurs || /^(import|export)\b/m.test(source) ? keepClassNames(source) : source)
        .replaceAll(/\b__dirname\b/g, `__place(${place}).folder`)
        .replaceAll(/\b__filename\b/g, `__place(${place}).file`)
        .replaceAll(/\bimport\.meta\.url\b/g, `__place(${place}).url`)
        .replaceAll(/\brequire\.resolve\(/g, `__place(${place}).resolve(`);
      return { contents, loader: 'js' };
    });
  },
};

/**
 * Classes of all ES modules share one scope in a bundle, and esbuild gives those another name whose name is taken, or that
 * name themselves. Nest knows classes by their names, so each is told its own. (esbuild's keepNames names every closure,
 * each time it is made.)
 * @param {string} source
 */
function keepClassNames(source) {
  const declared = /^((?:export (?:default )?)?(?:(?:let|const|var) \w+ = (?:\w+ = )?)?class (\w+)[^{\n]*\{)/gm;
  return source.replaceAll(declared, '$1 static { __nameClass(this, "$2"); }');
}

const BEFORE = `(function (module, require, root) {
const exports = module.exports;
const __nameClass = (target, value) => Object.defineProperty(target, 'name', { value, configurable: true });
const __place = (path) => {
  const file = require('node:path').join(root, path);
  return {
    file,
    get folder() { return require('node:path').dirname(file); },
    get url() { return require('node:url').pathToFileURL(file).href; },
    resolve(id) { return require('node:module').createRequire(file).resolve(id); },
  };
};
`;

const { outputFiles } = await build({
  entryPoints: [join(root, 'apps/api/dist/server.js')],
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  // A script that is run with compiled code has no import().
  supported: { 'dynamic-import': false },
  // V8 keeps a script's source as it is: ASCII takes a byte a character.
  charset: 'ascii',
  legalComments: 'none',
  minifyWhitespace: true,
  external: OUTSIDE,
  plugins: [keepPlaces],
  logLevel: 'error',
  write: false,
});
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'inputs.json'), JSON.stringify(projects()));
writeFileSync(join(folder, 'server.js'), `${BEFORE}${outputFiles[0].text}\n})`);

/** The files that tell when the service and the projects it uses were built, relative to the root. */
function projects() {
  const { references } = JSON.parse(readFileSync(join(root, 'apps/api/tsconfig.json'), 'utf8'));
  const folders = ['apps/api', ...references.map(({ path }) => relative(root, join(root, 'apps/api', path)))];
  return folders.map((folder) => `${folder}/dist/.tsbuildinfo`);
}
