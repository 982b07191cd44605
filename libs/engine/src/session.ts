/*
 * What a session module needs and nothing else: it is loaded in every session host, where the rest of the engine and
 * Nest would cost start-up time and memory that nobody uses.
 */
export type { Batch, ModelSession, OutputKind, SessionOpener, SessionOutput } from './contracts';
export type { Pooling } from './contracts';
export * from './errors';
export { normalizeRows } from './pipeline/normalize-rows';
