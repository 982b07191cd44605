import { errorMessage } from '../errors';
import type { ModelSession, SessionOpener, SessionRecipe } from '../contracts';
import type { FromSession, ToSession } from './host-protocol';

/** Sends a message to the other side; `transfer` lists buffers that move instead of being copied. */
export type Post = (message: FromSession, transfer: ArrayBuffer[]) => void;

/**
 * The session's side of a host: opens it, runs batches one after the other, and turns every failure into a message.
 * Nothing may escape from here: an error of the native runtime that is not caught aborts the whole process.
 */
export class SessionServer {
  private session: ModelSession | undefined;
  private tail: Promise<void> = Promise.resolve();

  constructor(
    private readonly post: Post,
    private readonly exit: () => void,
  ) {}

  receive(message: ToSession): void {
    this.tail = this.tail.then(() => this.handle(message));
  }

  private async handle(message: ToSession): Promise<void> {
    switch (message.kind) {
      case 'open':
        return this.open(message.recipe);
      case 'run':
        return this.run(message);
      case 'close':
        return this.close();
      default:
        message satisfies never;
    }
  }

  private async open({ module, options, shared }: Omit<SessionRecipe, 'release'>): Promise<void> {
    try {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- the module is only known at run time
      const loaded = require(module) as { openSession: SessionOpener };
      this.session = await loaded.openSession(options, shared);
      this.post({ kind: 'ready' }, []);
    } catch (error) {
      this.post({ kind: 'failed', message: errorMessage(error) }, []);
    }
  }

  private async run({ id, batch }: Extract<ToSession, { kind: 'run' }>): Promise<void> {
    try {
      if (!this.session) throw new Error('The session is not open');
      const output = await this.session.run(batch);
      this.post({ kind: 'output', id, output }, [output.vectors.buffer as ArrayBuffer]);
    } catch (error) {
      this.post({ kind: 'error', id, message: errorMessage(error) }, []);
    }
  }

  private async close(): Promise<void> {
    await this.session?.close().catch(() => undefined);
    this.post({ kind: 'closed' }, []);
    this.exit();
  }
}
