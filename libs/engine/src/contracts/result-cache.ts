import type { Strategy } from './strategy';

/** Remembers finished vectors. Keys name everything a vector depends on, so an entry is never stale. */
export interface ResultCache extends Strategy {
  get(key: string): Float32Array | undefined;
  set(key: string, vector: Float32Array): void;
  readonly bytes: number;
}
