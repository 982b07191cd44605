/** How a command ended. A missing program is a fact about the machine, not an exception. */
export type CommandOutcome =
  | { readonly status: 'ok'; readonly stdout: string }
  | { readonly status: 'failed'; readonly code: number | null; readonly output: string }
  | { readonly status: 'missing' }
  | { readonly status: 'timeout'; readonly timeoutMs: number };

/**
 * All that probes touch of the machine. An abstract class, so that it is its own injection token and a test or an
 * application can provide another. Nothing here throws or rejects.
 */
export abstract class MachineAccess {
  /** As `process.platform`. */
  abstract readonly platform: string;
  /** As `process.arch`. */
  abstract readonly architecture: string;
  /** Model name of the first CPU as the operating system gives it; may be empty or `unknown`. */
  abstract readonly cpuModel: string;
  /** Logical cores of the host; containers do not lower it. */
  abstract readonly hostCores: number;
  /** Cores the scheduler would give this process, as far as the runtime knows. */
  abstract readonly availableCores: number;
  /** Bytes of RAM of the host. */
  abstract readonly hostMemoryBytes: number;
  /** The file's text, or null where it is absent or unreadable. */
  abstract readFile(path: string): Promise<string | null>;
  /** Names in a folder; empty where it is absent or unreadable. */
  abstract list(path: string): Promise<readonly string[]>;
  /** Runs a program without a shell and ends it when the time is over. */
  abstract run(program: string, args: readonly string[], timeoutMs: number): Promise<CommandOutcome>;
}
