import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, install, requireNode } from '../../tools/project.mjs';

/**
 * The frame of the load tests that measure one thing: builds, reads the arguments, starts the server, hands over, and
 * cleans up.
 * @param {string} usage printed with --help
 * @param {Record<string, string>} defaults of the options, all texts
 * @param {string[]} nodeOptions
 * @param {(parts: { target: object, folder: string, options: Record<string, string> }) => Promise<boolean>} measure
 *   whether what was asked was reached
 */
export async function serverUnderLoad(usage, defaults, nodeOptions, measure) {
  const all = { graph: 'fp32', ...defaults };
  const { values: options } = parseArgs({
    options: {
      ...Object.fromEntries(Object.entries(all).map(([name, value]) => [name, { type: 'string', default: value }])),
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) return console.log(usage);
  requireNode();
  install();
  build();
  const { Target } = await import('./target.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'sutra-load-'));
  const target = await Target.open({ graph: options.graph, nodeOptions }, { api: 'sutra', settings: {} });
  try {
    const metadata = await target.check();
    if (metadata.precision !== options.graph)
      throw new Error(`This machine runs the ${options.graph} preset in ${metadata.precision}`);
    process.exitCode = (await measure({ target, folder, options })) ? 0 : 1;
  } finally {
    await target.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
