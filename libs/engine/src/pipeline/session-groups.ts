import { setImmediate as turn } from 'node:timers/promises';
import { BackendUnavailableError, errorMessage, ModelNotAvailableError } from '../errors';
import type { Outage } from './circuit';
import type { SessionGroup } from './session-group';

/** Keeps a group of sessions open while a request runs on it. */
export interface Lease {
  readonly group: SessionGroup;
  /** To be called once. */
  release(): void;
}

/** Sessions that are opened when they are needed and may be closed while nobody holds them. */
export interface GroupRef {
  /**
   * At once where they are open.
   * @throws BackendUnavailableError when they cannot be opened, BackendFailingError while they keep failing
   */
  acquire(): Lease | Promise<Lease>;
}

/** What is needed to open a group, whenever that may be. */
export interface GroupSpec {
  /** The same key is the same group. */
  readonly key: string;
  readonly model: string;
  readonly backend: string;
  /** Memory its sessions take, estimated. */
  readonly bytes: number;
  open(): Promise<SessionGroup>;
}

/** A group that could not be opened, and when that is tried again (`Date.now()` milliseconds). */
export interface LoadFailure {
  readonly model: string;
  readonly reason: string;
  readonly retryAt: number;
}

/** A group that keeps failing. */
export interface GroupOutage extends Outage {
  readonly model: string;
  readonly backend: string;
}

interface Open {
  readonly spec: GroupSpec;
  readonly group: SessionGroup;
  leases: number;
  /** Grows with every use; the lowest was used longest ago. */
  usedAt: number;
  /** Set once it is to close: nobody new gets in, and it resolves when the last one has left and all is closed. */
  closed: Promise<void> | undefined;
  onIdle: (() => void) | undefined;
}

interface Failure {
  readonly spec: GroupSpec;
  readonly error: unknown;
  readonly attempts: number;
  readonly retryAt: number;
  readonly timer: NodeJS.Timeout;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;

/**
 * The session groups of all models under one memory budget. A group that must make room is the one used longest ago; it
 * takes no new requests from then on and closes when its last one is done, so a running request never loses its
 * sessions. Who waits for room is served in order of arrival.
 */
export class SessionGroups {
  private readonly groups = new Map<string, Open>();
  private readonly opening = new Map<string, Promise<void>>();
  private readonly failures = new Map<string, Failure>();
  private uses = 0;
  private admission: Promise<void> = Promise.resolve();
  private shuttingDown = false;

  /** @param budgetBytes most memory of all groups together; undefined: no bound */
  constructor(private readonly budgetBytes?: number) {}

  get open(): readonly SessionGroup[] {
    return [...this.groups.values()].map(({ group }) => group);
  }

  /** Estimated memory of the groups that are open. */
  get usedBytes(): number {
    let bytes = 0;
    for (const { spec } of this.groups.values()) bytes += spec.bytes;
    return bytes;
  }

  isLoaded(model: string): boolean {
    return [...this.groups.values()].some(({ spec, closed }) => spec.model === model && !closed);
  }

  /** Models of which no session could be opened, each with its last reason. */
  get failing(): readonly LoadFailure[] {
    const byModel = new Map<string, LoadFailure>();
    for (const { spec, error, retryAt } of this.failures.values()) {
      if (!this.isLoaded(spec.model)) {
        byModel.set(spec.model, { model: spec.model, reason: errorMessage(error), retryAt });
      }
    }
    return [...byModel.values()];
  }

  /** Groups that keep failing and take nothing for now. */
  get outages(): readonly GroupOutage[] {
    return [...this.groups.values()].flatMap(({ spec: { model, backend }, group: { outage } }) =>
      outage ? [{ model, backend, ...outage }] : [],
    );
  }

  /**
   * Opens a group now and answers with a reference that opens it again should it have been closed.
   * @throws BackendUnavailableError when it cannot be opened; ModelNotAvailableError when it exceeds the whole budget
   */
  async ensure(spec: GroupSpec): Promise<GroupRef> {
    (await this.acquire(spec)).release();
    return { acquire: () => this.acquire(spec) };
  }

  /** Closes the groups of a model once nobody uses them, e.g. before its files are removed. */
  async retire(model: string): Promise<void> {
    for (const [key, { spec, timer }] of this.failures) {
      if (spec.model !== model) continue;
      clearTimeout(timer);
      this.failures.delete(key);
    }
    const ours = [...this.groups.values()].filter(({ spec }) => spec.model === model);
    await Promise.all(ours.map((open) => this.drain(open)));
  }

  async close(): Promise<void> {
    this.shuttingDown = true;
    for (const { timer } of this.failures.values()) clearTimeout(timer);
    await Promise.allSettled(this.opening.values());
    await Promise.all(this.open.map((group) => group.close()));
    this.groups.clear();
  }

  private acquire(spec: GroupSpec): Lease | Promise<Lease> {
    const open = this.groups.get(spec.key);
    if (!open || open.closed) return this.acquireLater(spec);
    const { failing } = open.group;
    return failing ? Promise.reject(failing) : this.lease(open);
  }

  private async acquireLater(spec: GroupSpec): Promise<Lease> {
    for (;;) {
      const open = this.groups.get(spec.key);
      if (open && !open.closed) {
        if (open.group.failing) throw open.group.failing;
        return this.lease(open);
      }
      await open?.closed;
      await this.openOnce(spec);
    }
  }

  private lease(open: Open): Lease {
    open.leases++;
    open.usedAt = ++this.uses;
    let held = true;
    return {
      group: open.group,
      release: () => {
        if (!held) return;
        held = false;
        open.usedAt = ++this.uses;
        if (--open.leases === 0) open.onIdle?.();
      },
    };
  }

  private openOnce(spec: GroupSpec): Promise<void> {
    let opening = this.opening.get(spec.key);
    if (!opening) {
      opening = this.admit(spec).finally(() => this.opening.delete(spec.key));
      this.opening.set(spec.key, opening);
    }
    return opening;
  }

  private async admit(spec: GroupSpec): Promise<void> {
    if (this.shuttingDown) throw new BackendUnavailableError('The server is shutting down');
    const failure = this.failures.get(spec.key);
    if (failure && Date.now() < failure.retryAt) throw failure.error;
    if (this.budgetBytes === undefined) return this.load(spec);
    if (spec.bytes > this.budgetBytes) {
      throw new ModelNotAvailableError(
        `Model "${spec.model}" needs about ${megabytes(spec.bytes)} MB of memory where SUTRA_MODEL_MEMORY_MB allows ${megabytes(this.budgetBytes)}; raise it or use a smaller model`,
        { model: spec.model, needed_mb: megabytes(spec.bytes), allowed_mb: megabytes(this.budgetBytes) },
      );
    }
    const before = this.admission;
    let done = () => {};
    this.admission = new Promise((resolve) => (done = resolve));
    await before;
    try {
      await this.makeRoom(spec.bytes, this.budgetBytes);
      await this.load(spec);
    } finally {
      // Those who waited for this group get their lease before the next in line may ask for its room.
      void turn().then(done);
    }
  }

  private async makeRoom(bytes: number, budget: number): Promise<void> {
    while (this.usedBytes + bytes > budget) {
      const candidates = [...this.groups.values()].sort(
        (a, b) => Number(a.leases > 0) - Number(b.leases > 0) || a.usedAt - b.usedAt,
      );
      const victim = candidates[0];
      if (!victim) return;
      await this.drain(victim);
    }
  }

  private drain(open: Open): Promise<void> {
    open.closed ??= this.closeWhenIdle(open);
    return open.closed;
  }

  private async closeWhenIdle(open: Open): Promise<void> {
    if (open.leases > 0) await new Promise<void>((resolve) => (open.onIdle = resolve));
    await open.group.close();
    this.groups.delete(open.spec.key);
  }

  private async load(spec: GroupSpec): Promise<void> {
    try {
      const group = await spec.open();
      const failure = this.failures.get(spec.key);
      if (failure) clearTimeout(failure.timer);
      this.failures.delete(spec.key);
      this.groups.set(spec.key, {
        spec,
        group,
        leases: 0,
        usedAt: ++this.uses,
        closed: undefined,
        onIdle: undefined,
      });
    } catch (error) {
      this.remember(spec, error);
      throw error;
    }
  }

  /** Tried again by itself, each time after twice as long: a model that was asked for is to come back unasked. */
  private remember(spec: GroupSpec, error: unknown): void {
    const before = this.failures.get(spec.key);
    if (before) clearTimeout(before.timer);
    const attempts = (before?.attempts ?? 0) + 1;
    const delay = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS);
    const timer = setTimeout(() => {
      if (this.shuttingDown || this.isLoaded(spec.model)) return;
      // A timer may fire a moment before the clock says so; refused then, nobody would try again.
      const failure = this.failures.get(spec.key);
      if (failure) this.failures.set(spec.key, { ...failure, retryAt: 0 });
      this.openOnce(spec).catch(() => undefined);
    }, delay).unref();
    this.failures.set(spec.key, { spec, error, attempts, retryAt: Date.now() + delay, timer });
  }
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
