import { fork } from 'node:child_process';
import { AVAILABLE, unavailable, type Availability } from '@sutra-embedder/engine';
import type { ExecutionProvider } from './execution-provider';

const LIMIT_MS = 30_000;

interface Report {
  readonly ok: boolean;
  readonly reason?: string;
}

/**
 * Opens a tiny graph with an execution provider in a forked process and runs it there: libraries that are missing, a
 * driver that does not fit and a native crash all come back as a reason.
 * @param entry the forked script; another one in tests
 */
export function tryProvider(
  provider: ExecutionProvider,
  entry: string = require.resolve('./provider-trial-entry'),
  limitMs = LIMIT_MS,
): Promise<Availability> {
  return new Promise((resolve) => {
    // stdio is dropped: the runtime writes its own complaints there, with paths.
    const child = fork(entry, [JSON.stringify(provider)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    let report: Report | undefined;
    const timer = setTimeout(() => {
      report ??= { ok: false, reason: `a trial run did not finish within ${limitMs / 1000} s` };
      child.kill('SIGKILL');
    }, limitMs);
    child.on('message', (message) => (report ??= message as Report));
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve(unavailable(`a trial run could not start: ${error.message}`));
    });
    // A message may still be on its way when the process has gone: the channel's end tells that all were read.
    let open = 2;
    const ended = (): void => {
      if (--open > 0) return;
      clearTimeout(timer);
      const { exitCode, signalCode } = child;
      if (report?.ok && exitCode === 0) return resolve(AVAILABLE);
      const death = signalCode ? `was ended by ${signalCode}` : `ended with code ${exitCode}`;
      resolve(unavailable(report?.ok === false ? (report.reason ?? 'a trial run failed') : `a trial run ${death}`));
    };
    child.once('exit', ended).once('disconnect', ended);
  });
}
