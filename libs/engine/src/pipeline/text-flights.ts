import { CancelledError } from '../errors';
import type { RowsResult } from '../scheduler/ticket';

/** Somebody who waits for the vector of a text. */
export interface Passenger {
  arrived(index: number, result: RowsResult): void;
  failed(index: number, error: Error): void;
  /** The one whose text was being run has gone: run it yourself. */
  takeOver(index: number, ids: Int32Array): void;
}

interface Flight {
  readonly ids: Int32Array;
  readonly waiting: { readonly passenger: Passenger; readonly index: number }[];
}

/** Equal texts that are under way at the same time are computed once; the others wait for the first. */
export class TextFlights {
  private readonly flights = new Map<string, Flight>();

  /** @returns whether an equal text is under way already; then its vector, or its failure, is handed to the passenger too */
  join(key: string, ids: Int32Array, passenger: Passenger, index: number): boolean {
    const flight = this.flights.get(key);
    if (flight) flight.waiting.push({ passenger, index });
    else this.flights.set(key, { ids, waiting: [] });
    return flight !== undefined;
  }

  /** The first has its vector. */
  land(key: string, result: RowsResult): void {
    for (const { passenger, index } of this.take(key)) passenger.arrived(index, result);
  }

  /** The first has failed. Where only its caller has gone, the next in line runs the text for all that still wait. */
  fail(key: string, error: Error): void {
    const flight = this.flights.get(key);
    const [next, ...others] = this.take(key);
    if (!flight || !next) return;
    if (error instanceof CancelledError) {
      this.flights.set(key, { ids: flight.ids, waiting: others });
      next.passenger.takeOver(next.index, flight.ids);
      return;
    }
    for (const { passenger, index } of [next, ...others]) passenger.failed(index, error);
  }

  /** A passenger has gone and waits for nothing any more. */
  leave(passenger: Passenger): void {
    for (const { waiting } of this.flights.values()) {
      for (let i = waiting.length - 1; i >= 0; i--) if (waiting[i]?.passenger === passenger) waiting.splice(i, 1);
    }
  }

  /** Texts under way. */
  get size(): number {
    return this.flights.size;
  }

  private take(key: string): Flight['waiting'] {
    const waiting = this.flights.get(key)?.waiting ?? [];
    this.flights.delete(key);
    return waiting;
  }
}
