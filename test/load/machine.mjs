import { createRequire } from 'node:module';
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';

const require = createRequire(import.meta.url);

/** Cores that this process may use. */
export const cores = availableParallelism();

/** What a figure must be read with. */
export function machineFacts() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    onnxruntime: require('onnxruntime-node/package.json').version,
    date: new Date().toISOString().slice(0, 10),
  };
}
