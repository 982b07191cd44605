import type { Batch, ModelSession, SessionOutput } from './session';

/**
 * Where a session lives: a worker thread or a child process. A host that dies rejects what it was running with a
 * BackendUnavailableError and reports it once through `onExit`; it is then replaced, never revived.
 */
export interface SessionHost {
  /** Batches run in the order given; a second one may be handed over while the first runs. */
  run(batch: Batch): Promise<SessionOutput>;
  onExit(listener: (reason: Error) => void): void;
  close(): Promise<void>;
}

/** What a host needs to open a session on its own side: a module and plain data for it. */
export interface SessionRecipe {
  /** Absolute path of a CommonJS module that exports `openSession: SessionOpener`. */
  readonly module: string;
  /** Structured-cloneable argument for it. */
  readonly options: unknown;
}

export type SessionOpener = (options: unknown) => Promise<ModelSession>;
