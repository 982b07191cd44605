// Runs the commands of a page of documentation as they are written there.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { root } from '../project.mjs';

/** All blocks marked ```sh, one after the other, in one shell that stops at the first failure. */
export function commandsOf(page) {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, commands]) => commands);
  if (blocks.length === 0) throw new Error(`${page} has no commands`);
  return `set -euo pipefail\n${blocks.join('\n')}`;
}

/** @returns {{ status: number, output: string }} */
export function runDocumented(page, environment = {}, cwd = root) {
  const { status, stdout, stderr, error } = spawnSync('bash', ['-c', commandsOf(page)], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    maxBuffer: 2 ** 26,
  });
  if (error) throw error;
  return { status: status ?? 1, output: `${stdout}${stderr}` };
}
