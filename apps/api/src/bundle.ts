import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { Script } from 'node:vm';
import type * as Server from './server';

/*
 * `npm run build` writes the server and the packages it uses into one script as well. Finding, reading and compiling some
 * 1,300 files is two thirds of a start; one script with the machine code of an earlier start is read in a tenth of that.
 * The modules themselves stay beside it: for tests, for plugins, for programs that use the libraries, and for a start
 * whose bundle is missing or older than they are.
 */
const FOLDER = join(__dirname, 'bundle');
const ROOT = resolve(__dirname, '../../..');

interface Bundled {
  readonly server: typeof Server;
  /** Keeps what V8 has compiled for the next start, unless it is kept already. Where the folder is read-only, nothing. */
  rememberCompiled(): void;
}

/** The server from its bundle, or undefined where there is none as new as the modules. */
export function bundledServer(folder = FOLDER): Bundled | undefined {
  const file = join(folder, 'server.js');
  if (!bundleIsCurrent(folder)) return undefined;
  // V8 refuses what another version of it has compiled, so each version of Node has its own.
  const kept = join(folder, `compiled-${process.version}-${process.arch}`);
  const cachedData = existsSync(kept) ? readFileSync(kept) : undefined;
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData });
  const isKept = cachedData !== undefined && !script.cachedDataRejected;
  const module = { exports: {} as typeof Server };
  const run = script.runInThisContext() as (module: object, require: NodeJS.Require, root: string) => void;
  run(module, createRequire(join(__dirname, 'server.js')), ROOT);
  return {
    server: module.exports,
    rememberCompiled() {
      if (isKept) return;
      const written = `${kept}.${process.pid}`;
      try {
        writeFileSync(written, script.createCachedData());
        renameSync(written, kept);
      } catch {
        rmSync(written, { force: true });
      }
    },
  };
}

/** Whether there is a bundle, and no project that it is made of was built after it. */
export function bundleIsCurrent(folder = FOLDER): boolean {
  const [file, inputs] = [join(folder, 'server.js'), join(folder, 'inputs.json')];
  if (!existsSync(file) || !existsSync(inputs)) return false;
  const { mtimeMs } = statSync(file);
  const projects = JSON.parse(readFileSync(inputs, 'utf8')) as readonly string[];
  return projects.every((project) => {
    const built = statSync(join(ROOT, project), { throwIfNoEntry: false });
    return !built || built.mtimeMs <= mtimeMs;
  });
}
