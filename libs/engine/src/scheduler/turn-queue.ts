import type { Entry, Ticket } from './ticket';

/**
 * Whose turn it is, by weighted fair queueing: a request's texts are lined up behind each other on a virtual clock that
 * advances by the work done divided by the number of requests waiting (Demers, Keshav and Shenker 1989). So a request of
 * 1,000 texts and one of a single text share the sessions as equals, and neither starves.
 */
export class TurnQueue {
  private entries: Entry[] = [];
  private readonly waiting = new Map<object, number>();
  /** Where the last text of each flow ends on the virtual clock. */
  private ends = new WeakMap<object, number>();
  private clock = 0;
  private impatient = 0;
  /** Whether the front last looked at began with a text that was late, and whether the last batch taken did. */
  private hurries = false;
  private hurried = false;
  tokens = 0;

  get size(): number {
    return this.entries.length;
  }

  add(ticket: Ticket, texts: readonly { index: number; ids: Int32Array }[], now: number): void {
    const flow = flowOf(ticket);
    // What a flow adds later lines up behind what it has waiting.
    let tag = Math.max(this.clock, this.ends.get(flow) ?? 0);
    const added = texts.map(({ index, ids }) => {
      const entry: Entry = { ticket, index, ids, tag, enqueuedAt: now };
      tag += ids.length;
      this.tokens += ids.length;
      return entry;
    });
    this.ends.set(flow, tag);
    this.entries = merge(this.entries, added);
    this.count(ticket, added.length);
  }

  /**
   * Up to `count` entries in order of turn; an impatient one that has waited too long comes first, but not twice in a
   * row: a stream whose texts are all late must not starve the others.
   */
  front(count: number, now: number): Entry[] {
    const front = this.entries.slice(0, count);
    this.hurries = false;
    if (this.impatient === 0 || this.hurried) return front;
    const late = this.entries.findIndex(
      ({ ticket, enqueuedAt }) => now - enqueuedAt >= (ticket.options.maxLatencyMs ?? Infinity),
    );
    if (late <= 0) return front;
    this.hurries = true;
    const [entry] = late < count ? front.splice(late, 1) : [this.entries[late]];
    return entry ? [entry, ...front] : front;
  }

  remove(taken: ReadonlySet<Entry>): void {
    this.hurried = this.hurries;
    let work = 0;
    const share = Math.max(1, this.waiting.size);
    this.entries = this.entries.filter((entry) => !taken.has(entry));
    for (const entry of taken) {
      work += entry.ids.length;
      this.count(entry.ticket, -1);
    }
    this.tokens -= work;
    this.clock += work / share;
    if (this.entries.length > 0) return;
    this.clock = 0;
    this.ends = new WeakMap();
  }

  /** Tokens that go before a text which a new flow lines up behind `own` tokens of its own. */
  ahead(own: number): number {
    const tag = this.clock + own;
    let tokens = 0;
    for (const entry of this.entries) {
      if (entry.tag > tag) break;
      tokens += entry.ids.length;
    }
    return tokens;
  }

  /** Whether texts of a flow wait. */
  isWaiting(flow: object): boolean {
    return this.waiting.has(flow);
  }

  /** Takes out what nobody waits for any more. */
  dropCancelled(): Entry[] {
    const dropped = this.entries.filter((entry) => entry.ticket.cancelled);
    if (dropped.length > 0) this.remove(new Set(dropped));
    return dropped;
  }

  drain(): Entry[] {
    const all = this.entries;
    this.remove(new Set(all));
    return all;
  }

  private count(ticket: Ticket, change: number): void {
    const flow = flowOf(ticket);
    const count = (this.waiting.get(flow) ?? 0) + change;
    if (count > 0) this.waiting.set(flow, count);
    else this.waiting.delete(flow);
    if (ticket.options.maxLatencyMs !== undefined) this.impatient += change;
  }
}

function flowOf(ticket: Ticket): object {
  return ticket.options.flow ?? ticket;
}

/** Both are in order of tag; equal tags keep their order of arrival. */
function merge(queue: Entry[], added: readonly Entry[]): Entry[] {
  const first = added[0];
  const last = queue.at(-1);
  if (!first) return queue;
  if (!last || last.tag <= first.tag) {
    for (const entry of added) queue.push(entry);
    return queue;
  }
  const merged: Entry[] = [];
  let next = 0;
  for (const entry of queue) {
    for (let candidate = added[next]; candidate && candidate.tag < entry.tag; candidate = added[++next])
      merged.push(candidate);
    merged.push(entry);
  }
  for (; next < added.length; next++) merged.push(added[next] as Entry);
  return merged;
}
