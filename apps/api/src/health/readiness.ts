import { EventEmitter } from 'node:events';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { InjectConfiguration } from '../config/configuration.token';
import type { Configuration } from '../config/configuration';

/** How long a load balancer is given to see that this server takes no more, before connections close. */
const NOTICE_MS = 200;

/** Whether the server wants requests: once a text was embedded, until it shuts down. */
@Injectable()
export class Readiness extends EventEmitter<{ change: [ready: boolean] }> implements OnModuleDestroy {
  private works = false;
  private closing = false;

  constructor(@InjectConfiguration() private readonly configuration: Configuration) {
    super();
  }

  get ready(): boolean {
    return this.works && !this.closing;
  }

  get shuttingDown(): boolean {
    return this.closing;
  }

  /** A text was embedded to see whether that works, or could not be. */
  note(works: boolean): void {
    const before = this.ready;
    this.works = works;
    if (this.ready !== before) this.emit('change', this.ready);
  }

  /** The first of the hooks at shutdown: no transport stops to listen before it has said that it will. */
  async onModuleDestroy(): Promise<void> {
    const before = this.ready;
    this.closing = true;
    if (before) this.emit('change', false);
    await new Promise((resolve) => setTimeout(resolve, Math.min(NOTICE_MS, this.configuration.shutdownGraceMs)));
  }
}
