import pino, { type Logger } from 'pino';

/** A line waits at most so long, or until so many bytes wait, before it is written: one system call for many lines. */
const FLUSH_MS = 200;
const FLUSH_BYTES = 12 * 1024;

/** The one log of the service: JSON lines on stdout. Errors are written at once, all other lines shortly after. */
export class ServiceLog {
  readonly logger: Logger;
  private readonly destination = pino.destination({
    fd: 1,
    sync: false,
    minLength: FLUSH_BYTES,
    periodicFlush: FLUSH_MS,
  });

  constructor(level: string) {
    const flush = () => this.flush();
    const urgent = pino.levels.values['error'] as number;
    const hooks: pino.LoggerOptions['hooks'] = {
      logMethod(line, method, at) {
        method.apply(this, line);
        if (at >= urgent) flush();
      },
    };
    this.logger = pino({ level, hooks }, this.destination);
  }

  /** Writes what waits, e.g. when the process is about to exit. */
  flush(): void {
    try {
      this.destination.flushSync();
    } catch {
      // Nobody reads stdout any more, or it is not open yet: then there is nothing to lose.
    }
  }
}
