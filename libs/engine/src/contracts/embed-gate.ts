/** What stands around the work of one caller, whoever's code has it done. */
export interface EmbedGate {
  /** Ends the work when nobody waits for it any more. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Told of the tokens of a request before any of them is run.
   * @throws EngineError where they are refused; at once, or by rejecting
   */
  readonly charge?: ((tokens: number) => void | Promise<void>) | undefined;
}

/** Finds the gate of the call that is being served, for code that does not pass one. */
export interface EmbedGates {
  current(): EmbedGate | undefined;
}

/** A host that limits its callers provides an EmbedGates under it. */
export const EMBED_GATES = Symbol.for('@sutra-embedder/engine:embed-gates');
