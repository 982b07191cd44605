/** What a caller may do, from least to most: each scope holds all those before it. */
export const SCOPES = ['embedding.read', 'embedding.write', 'embedding.admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who is calling. Every transport resolves one before the engine is called. */
export interface Principal {
  /** Stable, not secret: goes to logs and metrics. */
  readonly id: string;
  readonly scopes: readonly Scope[];
}

/** The caller while no keys are configured: whoever can reach the loopback interface. */
export const LOCAL_PRINCIPAL: Principal = Object.freeze({
  id: 'local',
  scopes: Object.freeze([...SCOPES]),
});

/** Whether a caller has a scope, by itself or within a greater one. */
export function allows({ scopes }: Principal, wanted: Scope): boolean {
  const least = SCOPES.indexOf(wanted);
  return scopes.some((scope) => SCOPES.indexOf(scope) >= least);
}
