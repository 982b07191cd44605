import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { bundledServer, bundleIsCurrent } from './bundle';

const ROOT = resolve(__dirname, '../../..');
const SERVER = `(function (module, require, root) {
  module.exports = { serve: () => require('node:path').basename(root + '/x') };
})`;

describe('bundledServer', () => {
  let folder: string;
  const compiled = () => readdirSync(folder).filter((name) => name.startsWith('compiled-'));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sutra-bundle-'));
    writeFileSync(join(folder, '.tsbuildinfo'), '');
    const project = relative(ROOT, join(folder, '.tsbuildinfo'));
    writeFileSync(join(folder, 'inputs.json'), JSON.stringify([project, 'libs/removed-in-an-image/dist/.tsbuildinfo']));
    writeFileSync(join(folder, 'server.js'), SERVER);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('runs the script where it lies', () => {
    expect(bundledServer(folder)?.server.serve({})).toBe('x');
  });

  it.each(['server.js', 'inputs.json'])('is not there without %s', (name) => {
    rmSync(join(folder, name));
    expect(bundledServer(folder)).toBeUndefined();
  });

  it('is not used once one of its projects was built again', () => {
    expect(bundleIsCurrent(folder)).toBe(true);
    const later = Date.now() / 1000 + 60;
    utimesSync(join(folder, '.tsbuildinfo'), later, later);
    expect(bundleIsCurrent(folder)).toBe(false);
    expect(bundledServer(folder)).toBeUndefined();
  });

  it('remembers what was compiled, once', () => {
    bundledServer(folder)?.rememberCompiled();
    expect(compiled()).toEqual([`compiled-${process.version}-${process.arch}`]);
    const file = join(folder, compiled()[0] ?? '');
    utimesSync(file, 1, 1);
    bundledServer(folder)?.rememberCompiled();
    expect(statSync(file).mtimeMs).toBe(1000);
  });

  it('compiles again what was spoiled', () => {
    const file = join(folder, `compiled-${process.version}-${process.arch}`);
    writeFileSync(file, 'nothing that V8 wrote');
    const bundled = bundledServer(folder);
    expect(bundled?.server.serve({})).toBe('x');
    bundled?.rememberCompiled();
    expect(readFileSync(file, 'latin1')).not.toContain('nothing');
  });

  it('goes on where nothing may be written', () => {
    const bundled = bundledServer(folder);
    rmSync(folder, { recursive: true });
    expect(() => bundled?.rememberCompiled()).not.toThrow();
  });
});
