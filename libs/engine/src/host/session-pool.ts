import type { Batch, SessionHost, SessionOutput } from '../contracts';
import { BackendUnavailableError } from '../errors';
import type { SessionSlots } from '../scheduler/scheduler';

/** The next batch is handed over while one runs, so that a session never waits for the main thread. */
const BATCHES_PER_HOST = 2;

interface Seat {
  host: SessionHost | undefined;
  running: number;
}

/** Keeps a fixed number of session hosts alive and gives each batch to the least busy one. */
export class SessionPool implements SessionSlots {
  private readonly seats: Seat[];
  private closed = false;

  private constructor(
    hosts: readonly SessionHost[],
    private readonly openHost: () => Promise<SessionHost>,
    private readonly onChange: () => void,
    private readonly onDeath: (reason: Error) => void,
  ) {
    this.seats = hosts.map((host) => ({ host, running: 0 }));
    this.seats.forEach((seat) => this.watch(seat));
  }

  /**
   * @param count sessions side by side
   * @param onChange called when a place becomes free or a session was replaced
   * @param onDeath called with the reason when a host died
   */
  static async open(
    count: number,
    openHost: () => Promise<SessionHost>,
    onChange: () => void,
    onDeath: (reason: Error) => void = () => undefined,
  ): Promise<SessionPool> {
    const opened = await Promise.allSettled(Array.from({ length: count }, openHost));
    const hosts = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failure = opened.find((result) => result.status === 'rejected');
    if (failure) {
      await Promise.all(hosts.map((host) => host.close()));
      throw failure.reason;
    }
    return new SessionPool(hosts, openHost, onChange, onDeath);
  }

  get free(): number {
    let free = 0;
    for (const { host, running } of this.seats) if (host) free += BATCHES_PER_HOST - running;
    return free;
  }

  get idle(): number {
    return this.seats.filter(({ host, running }) => host && running === 0).length;
  }

  /** Sessions that are alive. */
  get alive(): number {
    return this.seats.filter(({ host }) => host).length;
  }

  async run(batch: Batch): Promise<SessionOutput> {
    const seat = this.leastBusy();
    if (!seat?.host) throw new BackendUnavailableError('No session is alive at the moment; try again shortly');
    seat.running++;
    try {
      return await seat.host.run(batch);
    } finally {
      seat.running--;
      this.onChange();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.seats.map(({ host }) => host?.close()));
  }

  private leastBusy(): Seat | undefined {
    return this.seats.reduce<Seat | undefined>(
      (best, seat) => (seat.host && (!best || seat.running < best.running) ? seat : best),
      undefined,
    );
  }

  private watch(seat: Seat): void {
    seat.host?.onExit((reason) => {
      seat.host = undefined;
      if (this.closed) return;
      this.onDeath(reason);
      void this.replace(seat, 100);
    });
  }

  private async replace(seat: Seat, delayMs: number): Promise<void> {
    try {
      const host = await this.openHost();
      if (this.closed) return await host.close();
      seat.host = host;
      this.watch(seat);
      this.onChange();
    } catch {
      if (this.closed) return;
      setTimeout(() => void this.replace(seat, Math.min(delayMs * 2, 30_000)), delayMs).unref();
    }
  }
}
