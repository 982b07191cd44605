import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What the runtime alone does on this machine: the same graph over texts that were tokenized beforehand and sorted by
 * length, in bare worker threads. The best of several worker counts, thread counts and token budgets is the limit.
 */
export class RawLimit {
  /** @param {string} folder for the token ids */
  constructor(folder) {
    this.folder = folder;
    this.process = fork(fileURLToPath(new URL('./raw-process.mjs', import.meta.url)), { serialization: 'advanced' });
    this.pending = new Map();
    this.nextId = 0;
    this.process.on('message', ({ id, result, error }) => {
      const { resolve, reject } = this.pending.get(id);
      this.pending.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    });
    this.process.on('exit', (code) => {
      for (const { reject } of this.pending.values()) reject(new Error(`The raw run ended with code ${code}`));
    });
  }

  /**
   * Hands texts over, tokenized.
   * @param {string} name
   * @param {readonly Int32Array[]} ids of each text
   */
  prepare(name, ids) {
    const tokens = ids.reduce((sum, { length }) => sum + length, 0);
    const numbers = new Int32Array(1 + ids.length + tokens);
    numbers[0] = ids.length;
    let at = 1 + ids.length;
    ids.forEach((text, i) => {
      numbers[1 + i] = text.length;
      numbers.set(text, at);
      at += text.length;
    });
    const file = join(this.folder, `${name}.ids`);
    writeFileSync(file, numbers);
    return { file, tokensPerText: tokens / ids.length };
  }

  open(pool, { graph, workers, threads }) {
    return this.ask('open', { pool, graph, workers, threads });
  }

  /** @returns {Promise<{ tokensPerSecond: number, cpuMicrosPerToken: number }>} padding is not counted as tokens */
  throughput(pool, texts, budget, seconds) {
    return this.ask('throughput', { pool, texts: texts.file, budget, seconds });
  }

  /** @returns {Promise<{ p50: number, p99: number }>} milliseconds of one text run alone */
  latency(pool, texts, count) {
    return this.ask('latency', { pool, texts: texts.file, count });
  }

  closePool(pool) {
    return this.ask('close', { pool });
  }

  close() {
    this.process.disconnect();
  }

  ask(command, argument) {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.process.send({ id, command, ...argument });
    });
  }
}

/** Worker and thread counts that are tried on a machine with so many cores. */
export function configurations(cores) {
  const tried = [{ workers: 1, threads: cores }];
  if (cores > 1) tried.push({ workers: cores, threads: 1 });
  if (cores > 3) tried.push({ workers: cores >> 1, threads: 2 });
  return tried;
}
