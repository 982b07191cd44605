import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';

import { Injectable } from '@nestjs/common';

import { type CommandOutcome, MachineAccess } from './machine-access';

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** The machine this process runs on. */
@Injectable()
export class LocalMachine extends MachineAccess {
  readonly platform = process.platform;
  readonly architecture = process.arch;
  readonly cpuModel = cpus()[0]?.model.trim() ?? '';
  // Some sandboxes hide the list of CPUs; the scheduler's count is the best left.
  readonly hostCores = cpus().length || availableParallelism();
  readonly availableCores = availableParallelism();
  readonly hostMemoryBytes = totalmem();

  readFile(path: string): Promise<string | null> {
    return readFile(path, 'utf8').catch(() => null);
  }

  list(path: string): Promise<readonly string[]> {
    return readdir(path).catch(() => []);
  }

  run(program: string, args: readonly string[], timeoutMs: number): Promise<CommandOutcome> {
    return new Promise((resolve) => {
      // SIGKILL: a tool that waits on a hung driver does not heed SIGTERM.
      const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES } as const;
      try {
        execFile(program, [...args], options, (error, stdout, stderr) => {
          if (!error) resolve({ status: 'ok', stdout });
          else if (error.code === 'ENOENT') resolve({ status: 'missing' });
          else if (error.killed && error.code === null) resolve({ status: 'timeout', timeoutMs });
          else resolve({ status: 'failed', code: exitCode(error.code), output: `${stdout}\n${stderr}`.trim() });
        });
      } catch (error) {
        resolve({ status: 'failed', code: null, output: String(error) });
      }
    });
  }
}

/** Node puts either the exit status or the name of a system error into `code`. */
function exitCode(code: unknown): number | null {
  return typeof code === 'number' ? code : null;
}
