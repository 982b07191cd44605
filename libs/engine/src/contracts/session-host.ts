import type { Batch, ModelSession, SessionOutput } from './session';

/**
 * Where a session lives: a worker thread or a child process. A host that dies rejects what it was given with a
 * SessionLostError and reports it once through `onExit`; it is then replaced, never revived.
 */
export interface SessionHost {
  /** Batches run in the order given; a second one may be handed over while the first runs. */
  run(batch: Batch): Promise<SessionOutput>;
  onExit(listener: (reason: Error) => void): void;
  /** Lets what was given end first. */
  close(): Promise<void>;
  /**
   * Gives it up: counts as its death at once. Resolves when it is gone, which for a thread inside native code may be
   * never.
   */
  kill(reason: Error): Promise<void>;
}

/** What a host needs to open a session on its own side: a module and plain data for it. */
export interface SessionRecipe {
  /** Absolute path of a CommonJS module that exports `openSession: SessionOpener`. */
  readonly module: string;
  /** Structured-cloneable argument for it. */
  readonly options: unknown;
  /**
   * What the threads of one process share instead of each reading it, such as a SharedArrayBuffer; the opener's second
   * argument. A host in another process leaves it out, so a session must be able to open from `options` alone.
   */
  readonly shared?: unknown;
  /** Called once, when the session's host has gone for whatever reason: what was lent to it can be let go. */
  readonly release?: () => void;
}

export type SessionOpener = (options: unknown, shared?: unknown) => Promise<ModelSession>;
