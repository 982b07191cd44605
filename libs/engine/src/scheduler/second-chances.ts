import { CancelledError, TextRefusedError } from '../errors';
import { hadBegun, SessionLostError } from '../host/session-lost-error';
import { Refusals } from './refusals';
import type { Entry, Ticket } from './ticket';

/**
 * What becomes of a batch that failed. Nothing of it was sent, so what had not begun is run again as it is. Otherwise any
 * of its texts may be to blame: each is run once more alone, so that only the one that fails again does so for its
 * caller. One that ended a session both times is refused from then on.
 */
export class SecondChances {
  /** To be run before anything else, just as they are. */
  private batches: (readonly Entry[])[] = [];
  /** Texts whose batch has failed once. */
  private readonly suspects = new WeakSet<Entry>();
  private readonly refusals = new Refusals();

  /** @param onRefused told the SHA-256 of the token ids of a text that is refused from now on */
  constructor(private readonly onRefused: (sha256: string) => void = () => undefined) {}

  get tokens(): number {
    let tokens = 0;
    for (const entries of this.batches) for (const { ids } of entries) tokens += ids.length;
    return tokens;
  }

  get size(): number {
    let size = 0;
    for (const entries of this.batches) size += entries.length;
    return size;
  }

  /** @throws TextRefusedError when one of the texts is refused */
  check(texts: readonly { index: number; ids: Int32Array }[]): void {
    for (const { index, ids } of texts) {
      const sha256 = this.refusals.find(ids);
      if (sha256 !== undefined) throw new TextRefusedError(sha256, index);
    }
  }

  /** The next batch to be run again; it has at least one text. */
  next(): readonly Entry[] | undefined {
    return this.batches.shift();
  }

  /** Keeps the texts of a failed batch that get a second chance, and tells the callers of the others. */
  recover(entries: readonly Entry[], reason: Error): void {
    const begun = hadBegun(reason);
    const kept = entries.filter((entry) => {
      const { ticket, index } = entry;
      if (ticket.cancelled) ticket.listener.failed(index, new CancelledError());
      else if (begun && this.suspects.has(entry)) ticket.listener.failed(index, this.verdict(entry, reason));
      else return true;
      return false;
    });
    if (begun) kept.forEach((entry) => this.suspects.add(entry));
    this.batches.push(...(begun ? kept.map((entry) => [entry]) : [kept]).filter((batch) => batch.length > 0));
  }

  /** Takes out what nobody waits for any more. */
  drop(ticket: Ticket): Entry[] {
    const dropped = this.batches.flat().filter((entry) => entry.ticket === ticket);
    if (dropped.length > 0) {
      const rest = this.batches.map((entries) => entries.filter((entry) => entry.ticket !== ticket));
      this.batches = rest.filter((entries) => entries.length > 0);
    }
    return dropped;
  }

  /** Where everything fails, no text was to blame: none stays refused. */
  drain(): Entry[] {
    this.refusals.clear();
    return this.batches.splice(0).flat();
  }

  private verdict({ ids, index }: Entry, reason: Error): Error {
    if (!(reason instanceof SessionLostError)) return reason;
    const sha256 = this.refusals.add(ids);
    this.onRefused(sha256);
    return new TextRefusedError(sha256, index);
  }
}
