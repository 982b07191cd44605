import type { Batch, SessionHost, SessionOutput, SessionRecipe } from '../contracts';
import { BackendUnavailableError, errorMessage } from '../errors';
import type { FromSession, ToSession } from './host-protocol';
import { OPEN_TIMEOUT_MS } from './hosting';
import { SessionLostError } from './session-lost-error';

interface Pending {
  resolve(output: SessionOutput): void;
  reject(error: Error): void;
}

/** Beyond what it was given, a session that is asked to close has this long. */
const CLOSE_TIMEOUT_MS = 10_000;

/** A session on the other side of a channel: what threads and processes have in common. */
export abstract class MessageHost implements SessionHost {
  private readonly pending = new Map<number, Pending>();
  private readonly exitListeners: ((reason: Error) => void)[] = [];
  private opening: { ready(): void; failed(error: Error): void } | undefined;
  private nextId = 0;
  private closing = false;
  private died: Error | undefined;
  private markGone: (() => void) | undefined;
  /** Resolves when nothing of it runs any more. */
  protected readonly gone = new Promise<void>((resolve) => (this.markGone = resolve));

  protected abstract post(message: ToSession, transfer: ArrayBuffer[]): void;
  /** Ends the other side whatever it does, where that is possible. */
  protected abstract end(): void;

  run(batch: Batch): Promise<SessionOutput> {
    if (this.died) return Promise.reject(new SessionLostError(false, this.died));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.post({ kind: 'run', id, batch }, [batch.ids.buffer as ArrayBuffer, batch.lengths.buffer as ArrayBuffer]);
    });
  }

  onExit(listener: (reason: Error) => void): void {
    if (this.died) listener(this.died);
    else this.exitListeners.push(listener);
  }

  async close(): Promise<void> {
    if (this.died || this.closing) return;
    this.closing = true;
    this.post({ kind: 'close' }, []);
    const limit = setTimeout(() => void this.kill(new Error('it did not close')), CLOSE_TIMEOUT_MS);
    await this.gone;
    clearTimeout(limit);
  }

  kill(reason: Error): Promise<void> {
    this.lose(reason);
    if (this.markGone) this.end();
    return this.gone;
  }

  /** @throws BackendUnavailableError when the session cannot be opened */
  protected async openWith(recipe: Omit<SessionRecipe, 'release'>): Promise<this> {
    const limit = setTimeout(
      () => void this.kill(new Error(`it was not open after ${OPEN_TIMEOUT_MS} ms`)),
      OPEN_TIMEOUT_MS,
    );
    try {
      await new Promise<void>((resolve, reject) => {
        this.opening = { ready: resolve, failed: reject };
        this.post({ kind: 'open', recipe }, []);
      });
      return this;
    } finally {
      clearTimeout(limit);
    }
  }

  protected received(message: FromSession): void {
    switch (message.kind) {
      case 'ready':
        return this.opening?.ready();
      case 'failed':
        this.closing = true;
        this.opening?.failed(new BackendUnavailableError(`The session could not be opened: ${message.message}`));
        return this.end();
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
  }

  /** The other side is no more. */
  protected exited(cause: unknown): void {
    this.lose(cause);
    this.markGone?.();
    this.markGone = undefined;
  }

  /** It answers nothing any more, for whatever reason; what it was given is for another. */
  protected lose(cause: unknown): void {
    if (this.died) return;
    this.died = new Error(errorMessage(cause), { cause });
    // It runs batches in the order given: the oldest is the one that it died over.
    let begun = true;
    for (const pending of this.pending.values()) {
      pending.reject(new SessionLostError(begun, cause));
      begun = false;
    }
    this.pending.clear();
    this.opening?.failed(new BackendUnavailableError('A session host died while its session was opened', [], cause));
    if (!this.closing) for (const listener of this.exitListeners) listener(this.died);
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }
}
