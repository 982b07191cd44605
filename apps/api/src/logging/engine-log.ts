import { Injectable, Logger } from '@nestjs/common';
import { EngineEvents } from '@sutra-embedder/engine';

/** What an operator should hear of the engine. Texts are known by the SHA-256 of their token ids only. */
@Injectable()
export class EngineLog {
  private readonly logger = new Logger('Engine');

  constructor(events: EngineEvents) {
    events.on('hostDeath', (reason, backend) =>
      this.logger.warn(`A session of ${backend} died and is being replaced: ${reason.message}`),
    );
    events.on('hostOutput', (line, backend) => this.logger.warn(`A session of ${backend} printed: ${line}`));
    events.on('outage', ({ model, backend, reason, retryAt }) =>
      this.logger.error(
        `${backend} keeps failing ${model} and is left alone until ${new Date(retryAt).toISOString()}: ${reason}`,
      ),
    );
    events.on('recovery', (model, backend) => this.logger.log(`${backend} runs ${model} again`));
    events.on('textRefused', (sha256, model, backend) =>
      this.logger.error(
        `A text ended two sessions of ${model} on ${backend} and is refused for now; SHA-256 of its token ids: ${sha256}`,
      ),
    );
  }
}
