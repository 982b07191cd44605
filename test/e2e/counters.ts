import { Engine } from '@sutra-embedder/engine';
import type { Service } from './service';

/** Texts that wait for a batch, whoever sent them. */
export function queuedTexts(service: Service): number {
  return service.app.get(Engine).openGroups.reduce((sum, { scheduler }) => sum + scheduler.queuedTexts, 0);
}

/** Waits for what must become true; the test's own time limit ends one that never does. */
export async function until(condition: () => boolean | Promise<boolean>, everyMs = 10): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, everyMs));
}
