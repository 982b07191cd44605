import type { Batch, SessionHost, SessionOutput } from '../contracts';
import type { SessionSlots } from '../scheduler/scheduler';
import { DEFAULT_HOSTING } from './hosting';
import { SessionLostError } from './session-lost-error';
import { Watchdog, type Watched } from './watchdog';

/** The next batch is handed over while one runs, so that a session never waits for the main thread. */
const BATCHES_PER_HOST = 2;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 30_000;

interface Seat extends Watched {
  host: SessionHost | undefined;
  /** Before the next replacement; grows until a host has answered a batch. */
  delayMs: number;
}

export interface PoolListener {
  /** A place became free or a session was replaced. */
  changed(): void;
  /** A host died; it is being replaced. */
  died?(reason: Error): void;
  /** A host could not be replaced yet; that is tried again. */
  notReplaced?(reason: Error): void;
}

/** Keeps a fixed number of session hosts alive and gives each batch to the least busy one. */
export class SessionPool implements SessionSlots {
  private readonly seats: Seat[];
  private readonly watchdog: Watchdog<Seat>;
  private closed = false;
  /** Hosts that were given up and have not gone: threads inside native code. */
  lingering = 0;

  private constructor(
    hosts: readonly SessionHost[],
    private readonly openHost: () => Promise<SessionHost>,
    private readonly listener: PoolListener,
    batchTimeoutMs: number,
  ) {
    this.seats = hosts.map((host) => ({ host, batches: [], ageMs: 0, delayMs: 0 }));
    this.watchdog = new Watchdog(this.seats, batchTimeoutMs, (seat, reason) => this.giveUp(seat, reason));
    this.seats.forEach((seat) => this.watch(seat));
  }

  /** @param count sessions side by side */
  static async open(
    count: number,
    openHost: () => Promise<SessionHost>,
    listener: PoolListener,
    batchTimeoutMs = DEFAULT_HOSTING.batchTimeoutMs,
  ): Promise<SessionPool> {
    const opened = await Promise.allSettled(Array.from({ length: count }, openHost));
    const hosts = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failure = opened.find((result) => result.status === 'rejected');
    if (failure) {
      await Promise.all(hosts.map((host) => host.close()));
      throw failure.reason;
    }
    return new SessionPool(hosts, openHost, listener, batchTimeoutMs);
  }

  get free(): number {
    let free = 0;
    for (const { host, batches } of this.seats) if (host) free += BATCHES_PER_HOST - batches.length;
    return free;
  }

  get idle(): number {
    return this.seats.filter(({ host, batches }) => host && batches.length === 0).length;
  }

  /** Sessions that are alive. */
  get alive(): number {
    return this.seats.filter(({ host }) => host).length;
  }

  async run(batch: Batch): Promise<SessionOutput> {
    const seat = this.leastBusy();
    if (!seat?.host) throw new SessionLostError(false);
    const tokens = batch.ids.length;
    const given = { tokens };
    seat.batches.push(given);
    try {
      const output = await seat.host.run(batch);
      seat.delayMs = 0;
      this.watchdog.measure(tokens, output.inferMs);
      return output;
    } finally {
      this.take(seat, given);
      this.listener.changed();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.seats.map(({ host }) => host?.close()));
    this.watchdog.stop();
  }

  private take(seat: Seat, batch: Watched['batches'][number]): void {
    const at = seat.batches.indexOf(batch);
    if (at === 0) seat.ageMs = 0;
    seat.batches.splice(at, 1);
  }

  private leastBusy(): Seat | undefined {
    return this.seats.reduce<Seat | undefined>(
      (best, seat) => (seat.host && (!best || seat.batches.length < best.batches.length) ? seat : best),
      undefined,
    );
  }

  private giveUp({ host }: Seat, reason: Error): void {
    if (!host) return;
    this.lingering++;
    void host.kill(reason).then(() => this.lingering--);
  }

  private watch(seat: Seat): void {
    seat.host?.onExit((reason) => {
      seat.host = undefined;
      if (this.closed) return;
      this.listener.died?.(reason);
      this.replaceLater(seat);
    });
  }

  private replaceLater(seat: Seat): void {
    const { delayMs } = seat;
    seat.delayMs = Math.min(Math.max(FIRST_DELAY_MS, delayMs * 2), LONGEST_DELAY_MS);
    setTimeout(() => void this.replace(seat), delayMs).unref();
  }

  private async replace(seat: Seat): Promise<void> {
    if (this.closed) return;
    try {
      const host = await this.openHost();
      if (this.closed) return await host.close();
      seat.host = host;
      this.watch(seat);
      this.listener.changed();
    } catch (error) {
      if (this.closed) return;
      this.listener.notReplaced?.(error instanceof Error ? error : new Error(String(error)));
      this.replaceLater(seat);
    }
  }
}
