import type { ResultCache } from '../contracts';
import type { RowsResult } from '../scheduler/ticket';
import { TextFlights } from './text-flights';

/**
 * What spares a session group work that was done, or is being done: the cache and the flights. Both hold vectors as the
 * session gave them, before any processor, under a key that names everything such a vector depends on.
 */
export class TextReuse {
  readonly flights = new TextFlights();

  /**
   * @param group what a vector depends on besides its token ids and whether it is normalized: artifact, precision, backend
   */
  constructor(
    private readonly group: string,
    private readonly cache: ResultCache | undefined,
  ) {}

  /** Whether a text may be answered without being run or waited for. */
  get remembers(): boolean {
    return this.cache !== undefined;
  }

  key(ids: Int32Array, normalize: boolean): string {
    // One character a byte: the shortest string that holds the ids, and quick to make and to hash.
    const bytes = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength).toString('latin1');
    return `${this.group}|${normalize ? 1 : 0}|${bytes}`;
  }

  /** A remembered vector, the caller's own copy. */
  cached(key: string): Float32Array | undefined {
    return this.cache?.get(key)?.slice();
  }

  /** A vector was made: it is remembered, and handed to those who wait for it. */
  made(key: string, result: RowsResult): void {
    this.cache?.set(key, result.values);
    this.flights.land(key, result);
  }
}
