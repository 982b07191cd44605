import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { InjectConfiguration } from '../config/configuration.token';
import type { Configuration } from '../config/configuration';

/** How long a load balancer is given to see that this server takes no more, before connections close. */
const NOTICE_MS = 200;

/** Whether the server wants requests. Fails first when it shuts down, while what runs is finished. */
@Injectable()
export class Readiness implements BeforeApplicationShutdown {
  private closing = false;

  constructor(@InjectConfiguration() private readonly configuration: Configuration) {}

  get shuttingDown(): boolean {
    return this.closing;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    await new Promise((resolve) => setTimeout(resolve, Math.min(NOTICE_MS, this.configuration.shutdownGraceMs)));
  }
}
