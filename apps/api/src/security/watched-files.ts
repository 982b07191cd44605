import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { errorMessage } from '@sutra-embedder/engine';

/** By its state, not by events of the folder: those miss files that are links or are swapped by a rename. */
const LOOK_EVERY_MS = 1_000;

export interface WatchOptions {
  /** Told when the files have changed to something that cannot be used; what was read before stays. */
  readonly onProblem: (reason: string) => void;
  readonly onChange?: () => void;
  readonly everyMs?: number;
}

/** What is read from files that belong together, and read again whenever one of them changes. */
export class WatchedFiles<T> {
  private current: T;
  private readonly look = () => this.reload();

  /** @throws whatever `read` throws, or the file system, at the first reading */
  constructor(
    private readonly paths: readonly string[],
    private readonly read: (contents: readonly Buffer[]) => T,
    private readonly options: WatchOptions,
  ) {
    this.current = this.readAll();
    const interval = options.everyMs ?? LOOK_EVERY_MS;
    for (const path of paths) watchFile(path, { interval, persistent: false }, this.look);
  }

  get value(): T {
    return this.current;
  }

  close(): void {
    for (const path of this.paths) unwatchFile(path, this.look);
  }

  private reload(): void {
    try {
      this.current = this.readAll();
    } catch (error) {
      return this.options.onProblem(reasonOf(error));
    }
    this.options.onChange?.();
  }

  private readAll(): T {
    return this.read(this.paths.map((path) => readFileSync(path)));
  }
}

/** Why a file could not be used, without its path. */
export function reasonOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException | null)?.code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'it may not be read by the user this server runs as';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return errorMessage(error);
  }
}
