/** Who is calling. Every transport resolves one before the engine is called. */
export interface Principal {
  /** Stable, not secret: goes to logs and metrics. */
  readonly id: string;
  readonly scopes: readonly Scope[];
}

export type Scope = 'embedding.read' | 'embedding.write' | 'embedding.admin';

/** The caller while no keys are configured: whoever can reach the loopback interface. */
export const LOCAL_PRINCIPAL: Principal = Object.freeze({
  id: 'local',
  scopes: Object.freeze(['embedding.read', 'embedding.write', 'embedding.admin'] as const),
});
