import type { Strategy } from './strategy';

/** One entry for each thing looked at, by name: the shape of a terminus HealthIndicatorResult. */
export type HealthReport = Readonly<
  Record<string, { readonly status: 'up' | 'down' } & Readonly<Record<string, unknown>>>
>;

/**
 * Says whether something that a plugin depends on works. What is down makes the service `degraded`, never `unhealthy`:
 * a backend that is gone falls out of the ranking, and the next serves.
 */
export interface HealthIndicator extends Strategy {
  /** Called when somebody asks for health: quick, or from memory. One that rejects or takes seconds counts as down. */
  check(): HealthReport | Promise<HealthReport>;
}
