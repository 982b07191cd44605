/**
 * What asks the service to end. No fault signals among them, which Nest would take by default: a handler for SIGSEGV
 * returns to the faulty instruction, so that the process would hang where it should end and be started again.
 */
export const STOP_SIGNALS = Object.freeze(['SIGTERM', 'SIGINT', 'SIGHUP'] as const);

/** Nest finishes running requests when it is asked to end; this ends the wait. */
export function limitShutdown(graceMs: number): void {
  const limit = () =>
    void setTimeout(() => {
      process.stderr.write(
        `Requests were still running after ${graceMs} ms (SUTRA_SHUTDOWN_GRACE_MS); giving up on them\n`,
      );
      process.exit(1);
    }, graceMs).unref();
  for (const signal of STOP_SIGNALS) process.once(signal, limit);
}
