export interface Chunk {
  readonly chunkId: string;
  readonly text: string;
  /** Place in the stream, from 0. */
  readonly position: number;
  readonly isFinal: boolean;
}

/** waiting: not sent, or to be sent again. sent: the server has it, or lost it with the connection. answered: not taken. */
type Status = 'waiting' | 'sent' | 'answered';

/**
 * Every chunk from when it is added until its vector was taken. It decides what to send, and that a vector which comes
 * twice, as after a reconnection it may, is given once.
 */
export class ChunkLedger {
  private readonly chunks = new Map<string, { readonly chunk: Chunk; status: Status }>();
  private readonly counts: Record<Status, number> = { waiting: 0, sent: 0, answered: 0 };

  constructor(private capacity: number) {}

  get waiting(): number {
    return this.counts.waiting;
  }

  /** Sent and not answered. */
  get inFlight(): number {
    return this.counts.sent;
  }

  /** What occupies the server's buffer: sent, or answered and not taken. */
  get occupied(): number {
    return this.counts.sent + this.counts.answered;
  }

  get size(): number {
    return this.chunks.size;
  }

  get limit(): number {
    return this.capacity;
  }

  resize(capacity: number): void {
    this.capacity = capacity;
  }

  add(chunk: Chunk): void {
    this.chunks.set(chunk.chunkId, { chunk, status: 'waiting' });
    this.counts.waiting++;
  }

  get(chunkId: string): Chunk | undefined {
    return this.chunks.get(chunkId)?.chunk;
  }

  /** The chunks that may be sent now, oldest first, each counted as sent. */
  *send(): Generator<Chunk> {
    if (this.counts.waiting === 0) return;
    for (const entry of this.chunks.values()) {
      if (this.occupied >= this.capacity) return;
      if (entry.status !== 'waiting') continue;
      // The last one ends the stream: it goes when no other can come back to be sent again.
      if (entry.chunk.isFinal && this.counts.sent > 0) return;
      this.move(entry, 'sent');
      yield entry.chunk;
    }
  }

  /** A vector has come. False where its chunk is not known or was answered before: it is a repetition. */
  answer(chunkId: string): boolean {
    const entry = this.chunks.get(chunkId);
    if (!entry || entry.status === 'answered') return false;
    this.move(entry, 'answered');
    return true;
  }

  /** The vector was taken, or the chunk has failed for good: nothing more is owed. */
  settle(chunkId: string): void {
    const entry = this.chunks.get(chunkId);
    if (!entry) return;
    this.counts[entry.status]--;
    this.chunks.delete(chunkId);
  }

  /** The server did not take it: it is to be sent again. */
  putBack(chunkId: string): void {
    const entry = this.chunks.get(chunkId);
    if (entry?.status === 'sent') this.move(entry, 'waiting');
  }

  /** The connection is gone, and with it perhaps what was sent: all of that is to be sent again. */
  putAllBack(): void {
    for (const entry of this.chunks.values()) if (entry.status === 'sent') this.move(entry, 'waiting');
  }

  /** Nothing is owed any more. */
  clear(): void {
    this.chunks.clear();
    this.counts.waiting = this.counts.sent = this.counts.answered = 0;
  }

  private move(entry: { status: Status }, status: Status): void {
    this.counts[entry.status]--;
    this.counts[status]++;
    entry.status = status;
  }
}
