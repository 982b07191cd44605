import { Injectable, Logger } from '@nestjs/common';
import type { HealthIndicatorFunction, HealthIndicatorResult } from '@nestjs/terminus';
import { errorMessage, StrategyRegistry, type HealthIndicator } from '@sutra-embedder/engine';

/** Whoever asks for health must not wait for a plugin. */
const LIMIT_MS = 2_000;
/** What the specification's HealthResponse is made of; a plugin must not speak for these. */
const OURS = new Set(['embedding', 'models', 'loading', 'backends', 'serving', 'eventLoop', 'memory']);

/** The indicators that plugins bring. */
@Injectable()
export class PluginIndicators {
  private readonly logger = new Logger(PluginIndicators.name);
  private readonly down = new Set<string>();

  constructor(private readonly registry: StrategyRegistry) {}

  all(): HealthIndicatorFunction[] {
    return this.registry.list('indicator').map(
      ({ strategy }) =>
        () =>
          this.ask(strategy),
    );
  }

  /** Names of a plugin's findings are put behind its indicator's id where they could be taken for ours. */
  private async ask(indicator: HealthIndicator): Promise<HealthIndicatorResult> {
    const found = await withinLimit(indicator).catch((error: unknown) => ({
      [indicator.id]: { status: 'down' as const, reason: errorMessage(error) },
    }));
    const named = Object.entries(found).map(
      ([name, finding]) => [OURS.has(name) ? `${indicator.id}.${name}` : name, finding] as const,
    );
    for (const [name, finding] of named) this.tell(name, finding);
    return Object.fromEntries(named) as HealthIndicatorResult;
  }

  /** HealthResponse has no place for it, so the log says what is down, once. */
  private tell(name: string, finding: { readonly status: string }): void {
    const isDown = finding.status !== 'up';
    if (isDown === this.down.has(name)) return;
    if (isDown) {
      this.down.add(name);
      this.logger.warn(`Health indicator "${name}" is down: ${JSON.stringify(finding)}`);
    } else {
      this.down.delete(name);
      this.logger.log(`Health indicator "${name}" is up again`);
    }
  }
}

async function withinLimit(indicator: HealthIndicator) {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not answer within ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    return await Promise.race([Promise.resolve().then(() => indicator.check()), limit]);
  } finally {
    clearTimeout(timer);
  }
}
