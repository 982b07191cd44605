import type { EngineError } from '../errors';
import type { EmbedSummary } from './embed-request';

/** The stages of a request, in order. Those of different texts overlap. */
export type Stage = 'plan' | 'tokenize' | 'queue' | 'infer' | 'post_process';

/**
 * Follows one request through the engine, for whoever traces, counts or logs it. It is called in passing, so it must be
 * quick and must not throw.
 */
export interface EmbedObserver {
  /** A stage is over, or was broken off. Both times are of `performance.now()`. */
  stage(stage: Stage, from: number, to: number): void;
  /** All vectors of the request are there; of a stream, once for each text. */
  embedded(summary: EmbedSummary, texts: number): void;
  /** The caller is told of this error. */
  failed?(error: EngineError): void;
}

/** A fixed key, so that two copies of the engine agree. */
const OBSERVER = Symbol.for('@sutra-embedder/engine:observer');

/** Has an observer follow whatever the engine is asked on behalf of a transport's request. */
export function attachObserver(request: object, observer: EmbedObserver): void {
  (request as { [OBSERVER]?: EmbedObserver })[OBSERVER] = observer;
}

/** The observer of a transport's request, for the EmbedRequest that is made of it. */
export function observerOf(request: object): EmbedObserver | undefined {
  return (request as { [OBSERVER]?: EmbedObserver })[OBSERVER];
}
