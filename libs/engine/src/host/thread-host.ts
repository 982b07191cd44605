import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Batch, SessionHost, SessionOutput, SessionRecipe } from '../contracts';
import { BackendUnavailableError, errorMessage } from '../errors';
import type { FromSession, ToSession } from './host-protocol';

interface Pending {
  resolve(output: SessionOutput): void;
  reject(error: Error): void;
}

/** A session in a worker thread: cheap, and its vectors move without a copy. A native crash takes the process. */
export class ThreadHost implements SessionHost {
  private readonly pending = new Map<number, Pending>();
  private readonly exitListeners: ((reason: Error) => void)[] = [];
  private nextId = 0;
  private closing = false;
  private exited: Error | undefined;

  private constructor(private readonly worker: Worker) {}

  /** @throws BackendUnavailableError when the session cannot be opened */
  static open({ release, ...recipe }: SessionRecipe): Promise<ThreadHost> {
    const worker = new Worker(join(__dirname, 'thread-entry.js'), { name: 'sutra-session' });
    const host = new ThreadHost(worker);
    if (release) worker.once('exit', release);
    return new Promise((resolve, reject) => {
      host.listen(
        () => resolve(host),
        (error) => reject(error),
      );
      host.post({ kind: 'open', recipe });
    });
  }

  run(batch: Batch): Promise<SessionOutput> {
    if (this.exited) return Promise.reject(this.exited);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.post({ kind: 'run', id, batch }, [batch.ids.buffer as ArrayBuffer, batch.lengths.buffer as ArrayBuffer]);
    });
  }

  onExit(listener: (reason: Error) => void): void {
    if (this.exited) listener(this.exited);
    else this.exitListeners.push(listener);
  }

  async close(): Promise<void> {
    if (this.exited || this.closing) return;
    this.closing = true;
    const gone = new Promise<void>((resolve) => this.worker.once('exit', () => resolve()));
    this.post({ kind: 'close' });
    await gone;
  }

  private post(message: ToSession, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  private listen(ready: () => void, failed: (error: Error) => void): void {
    this.worker.on('message', (message: FromSession) => {
      switch (message.kind) {
        case 'ready':
          return ready();
        case 'failed':
          failed(new BackendUnavailableError(`The session could not be opened: ${message.message}`));
          return void this.worker.terminate();
        case 'output':
          return this.take(message.id)?.resolve(message.output);
        case 'error':
          return this.take(message.id)?.reject(
            new BackendUnavailableError('The session failed while it ran a batch', [], new Error(message.message)),
          );
        case 'closed':
          return;
        default:
          message satisfies never;
      }
    });
    this.worker.on('error', (error) => this.die(error));
    this.worker.on('exit', (code) => {
      const reason = this.die(new Error(`the thread exited with code ${code}`));
      failed(reason);
    });
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }

  private die(cause: unknown): Error {
    if (this.exited) return this.exited;
    const reason = new BackendUnavailableError(`A session host died while it was in use`, [], cause);
    this.exited = reason;
    for (const pending of this.pending.values()) pending.reject(reason);
    this.pending.clear();
    if (!this.closing) for (const listener of this.exitListeners) listener(new Error(errorMessage(cause)));
    return reason;
  }
}
