import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SessionRecipe } from '../contracts';
import type { FromSession, ToSession } from './host-protocol';
import { forwardLines, type OutputListener } from './forward-lines';
import { DEFAULT_HOSTING, type Hosting } from './hosting';
import { MessageHost } from './message-host';

/**
 * A session in a worker thread: cheap, and its vectors move without a copy. It survives exceptions, exits, hangs in
 * JavaScript and a full JavaScript heap; a native crash takes the process, and a hang in native code keeps its thread.
 */
export class ThreadHost extends MessageHost {
  private constructor(private readonly worker: Worker) {
    super();
    worker.on('message', (message: FromSession) => this.received(message));
    worker.on('error', (error) => this.lose(error));
    worker.on('exit', (code) => this.exited(new Error(`the thread exited with code ${code}`)));
  }

  /** @throws BackendUnavailableError when the session cannot be opened */
  static open(
    { release, ...recipe }: SessionRecipe,
    { heapMb }: Hosting = DEFAULT_HOSTING,
    onOutput: OutputListener = () => undefined,
  ): Promise<ThreadHost> {
    const worker = new Worker(join(__dirname, 'thread-entry.js'), {
      name: 'sutra-session',
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
      stdout: true,
      stderr: true,
    });
    forwardLines(worker.stdout, onOutput);
    forwardLines(worker.stderr, onOutput);
    if (release) worker.once('exit', release);
    return new ThreadHost(worker).openWith(recipe);
  }

  protected post(message: ToSession, transfer: ArrayBuffer[]): void {
    this.worker.postMessage(message, transfer);
  }

  protected end(): void {
    // Node joins every thread when it exits, and would wait forever for one inside native code.
    const leave = () => process.kill(process.pid, 'SIGKILL');
    process.once('exit', leave);
    this.worker.once('exit', () => process.off('exit', leave));
    this.worker.unref();
    void this.worker.terminate();
  }
}
