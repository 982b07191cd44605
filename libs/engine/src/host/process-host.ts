import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { SessionRecipe } from '../contracts';
import type { FromSession, ToSession } from './host-protocol';
import { forwardLines, type OutputListener } from './forward-lines';
import { DEFAULT_HOSTING, type Hosting } from './hosting';
import { MessageHost } from './message-host';

/**
 * A session in a child process: whatever happens to it, native crashes and hangs included, ends the child alone. Ids and
 * vectors cross the pipe as bytes.
 */
export class ProcessHost extends MessageHost {
  private constructor(private readonly child: ChildProcess) {
    super();
    child.on('message', (message) => this.received(message as FromSession));
    child.on('error', (error) => this.lose(error));
    // Messages may still be on their way when the process has ended: the channel's end tells that all were read.
    let open = 2;
    const ended = () => {
      if (--open > 0) return;
      const { exitCode, signalCode } = child;
      this.exited(
        new Error(signalCode ? `the process was ended by ${signalCode}` : `the process exited with code ${exitCode}`),
      );
    };
    child.once('exit', ended).once('disconnect', ended);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** @throws BackendUnavailableError when the session cannot be opened */
  static open(
    { release, module, options }: SessionRecipe,
    { heapMb }: Hosting = DEFAULT_HOSTING,
    onOutput: OutputListener = () => undefined,
  ): Promise<ProcessHost> {
    const child = fork(join(__dirname, 'process-entry.js'), [String(process.pid)], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Not this process's own flags: an inspector's port or a profile's file cannot be had twice.
      execArgv: [`--max-old-space-size=${heapMb}`],
    });
    forwardLines(child.stdout, onOutput);
    forwardLines(child.stderr, onOutput);
    const host = new ProcessHost(child);
    if (release) void host.gone.then(release);
    return host.openWith({ module, options });
  }

  protected post(message: ToSession): void {
    // A channel that has closed meanwhile is no error of its own: the exit tells.
    this.child.send(message, () => undefined);
  }

  protected end(): void {
    this.child.kill('SIGKILL');
  }
}
