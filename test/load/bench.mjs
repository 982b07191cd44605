// `npm run bench`: throughput and latency of the built server beside the limit that the runtime sets on this machine,
// measured in turns in one run. See USAGE in options.mjs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, install, requireNode } from '../../tools/project.mjs';
import { readOptions, USAGE } from './options.mjs';

let options;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${error.message}\n\n${USAGE}`);
  process.exit(2);
}
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
requireNode();
install();
build();

// These load what was just built.
const { Bench } = await import('./bench-run.mjs');
const { printHeader, printResult } = await import('./report/print.mjs');

const folder = mkdtempSync(join(tmpdir(), 'sutra-bench-'));
const bench = new Bench(options, folder, { onStart: printHeader, onResult: printResult });
try {
  const figures = await bench.run();
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(figures, null, 1));
  if (options.write) {
    const { writePerformancePage } = await import('./report/performance-page.mjs');
    writePerformancePage(figures);
  }
} finally {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
}
