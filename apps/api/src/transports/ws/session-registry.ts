import type { Principal } from '@sutra-embedder/engine';
import type { Connection } from './connection';
import { Session, type SessionServices } from './session';

/** Sessions by their principal and id: nobody resumes what another has opened, or learns that it is there. */
export class SessionRegistry {
  private readonly sessions = new Map<string, Session>();

  constructor(
    private readonly services: SessionServices,
    private readonly resumeMs: number,
  ) {}

  get size(): number {
    return this.sessions.size;
  }

  get detached(): number {
    let count = 0;
    for (const { detachedAt } of this.sessions.values()) if (detachedAt !== undefined) count++;
    return count;
  }

  find(principal: Principal, id: string): Session | undefined {
    return this.sessions.get(keyOf(principal, id));
  }

  create(principal: Principal, id: string, maxChunkSize: number): Session {
    const session = new Session(id, principal, maxChunkSize, this.services);
    this.sessions.set(keyOf(principal, id), session);
    return session;
  }

  /**
   * The connection of a session is gone.
   * @param clean whether the client said goodbye: then it will not be back
   */
  detach(session: Session, connection: Connection, clean: boolean): void {
    if (!session.detach(connection)) return;
    if (clean || !session.worthKeeping) this.end(session);
  }

  /** Ends what nobody has come back for in time. */
  sweep(): void {
    const since = this.services.now() - this.resumeMs;
    for (const session of this.sessions.values()) {
      if (session.detachedAt !== undefined && session.detachedAt <= since) this.end(session);
    }
  }

  endAll(): void {
    for (const session of this.sessions.values()) this.end(session);
  }

  private end(session: Session): void {
    this.sessions.delete(keyOf(session.principal, session.id));
    session.dispose();
  }
}

function keyOf(principal: Principal, id: string): string {
  return JSON.stringify([principal.id, id]);
}
