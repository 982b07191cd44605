/**
 * The pieces of a vocabulary as one double-array trie with two roots: pieces that begin a word and pieces that
 * continue one. A step from a node by a symbol is `base[node] + symbol`, valid when `check` there names the node: two
 * reads of typed arrays a character, no strings, no hashing.
 *
 * J. Aoe, "An efficient digital search algorithm by using a double-array structure", IEEE TSE 15(9), 1989.
 */
export class WordTrie {
  /** Root of the pieces that begin a word. */
  readonly begin = 0;
  /** Root of the pieces that continue a word. */
  readonly continue = 1;
  base = new Int32Array(1 << 16);
  check = new Int32Array(1 << 16).fill(NOBODY);
  /** Id of the piece that ends at a node, or -1. */
  ids = new Int32Array(1 << 16).fill(-1);
  private readonly symbols: ReadonlyMap<number, number>;

  /** @param continuingPrefix what marks a piece that continues a word, such as `##`; without it there are none */
  constructor(vocabulary: ReadonlyMap<string, number>, continuingPrefix?: string) {
    this.symbols = numberSymbols(vocabulary.keys());
    const continuing: [string, number][] = [];
    for (const [piece, id] of vocabulary) {
      if (continuingPrefix !== undefined && piece.startsWith(continuingPrefix)) {
        continuing.push([piece.slice(continuingPrefix.length), id]);
      }
    }
    this.check[this.begin] = this.check[this.continue] = ROOT;
    const last = this.pack([sorted([...vocabulary]), sorted(continuing)]);
    // Room for any step from any node, so that lookups need no bounds.
    this.reserve(last + this.symbols.size + 2);
    this.base = this.base.slice(0, last + this.symbols.size + 2);
    this.check = this.check.slice(0, this.base.length);
    this.ids = this.ids.slice(0, this.base.length);
  }

  /** The symbol of a character; 0 when no piece contains it, which no node has a step for. */
  symbolOf(code: number): number {
    return this.symbols.get(code) ?? 0;
  }

  /** Places all nodes, breadth first, and returns the last place taken. A node is a range of sorted pieces. */
  private pack(roots: readonly Piece[][]): number {
    const queue: Range[] = roots.map((pieces, at) => ({ pieces, from: 0, to: pieces.length, depth: 0, at }));
    let last = roots.length - 1;
    let free = roots.length; // no place before is free
    let wide = free; // where the search for several places at once begins
    for (const node of queue) {
      const steps = this.stepsOf(node);
      if (steps.length === 0) continue;
      while (this.check[free] !== NOBODY) this.reserve(++free + 1);
      let least = Infinity;
      for (const step of steps) least = Math.min(least, step.symbol);
      let base = Math.max(0, (steps.length === 1 ? free : Math.max(free, wide)) - least);
      for (let tries = 0; !this.fits(base, steps); tries++, base++) {
        // What keeps failing is nearly full: searching it again for each node would take quadratic time.
        if (tries > 100) wide = base + least;
      }
      this.base[node.at] = base;
      for (const { symbol, from, to, length } of steps) {
        const at = base + symbol;
        this.check[at] = node.at;
        last = Math.max(last, at);
        queue.push({ pieces: node.pieces, from, to, depth: node.depth + length, at });
      }
    }
    return last;
  }

  /** The children of a node; a piece that ends at the node gives it its id. */
  private stepsOf({ pieces, from, to, depth, at }: Range): Step[] {
    const steps: Step[] = [];
    let last: Step | undefined;
    let lastCode = -1;
    for (let i = from; i < to; i++) {
      const [text, id] = pieces[i] ?? ['', -1];
      if (text.length === depth) {
        // The reference never looks an empty piece up.
        if (depth > 0) this.ids[at] = id;
        continue;
      }
      const code = text.codePointAt(depth) ?? 0;
      if (last === undefined || code !== lastCode) {
        last = { symbol: this.symbolOf(code), from: i, to: i, length: code > 0xffff ? 2 : 1 };
        lastCode = code;
        steps.push(last);
      }
      last.to = i + 1;
    }
    return steps;
  }

  private fits(base: number, steps: readonly Step[]): boolean {
    this.reserve(base + this.symbols.size + 1);
    for (const { symbol } of steps) if (this.check[base + symbol] !== NOBODY) return false;
    return true;
  }

  private reserve(size: number): void {
    if (size <= this.base.length) return;
    this.base = extended(this.base, size * 2, 0);
    this.check = extended(this.check, size * 2, NOBODY);
    this.ids = extended(this.ids, size * 2, -1);
  }
}

const NOBODY = -1;
const ROOT = -2;

type Piece = readonly [text: string, id: number];

interface Range {
  readonly pieces: readonly Piece[];
  readonly from: number;
  readonly to: number;
  /** UTF-16 units of the pieces that lead to the node. */
  readonly depth: number;
  /** The node's place. */
  readonly at: number;
}

interface Step {
  readonly symbol: number;
  readonly from: number;
  to: number;
  readonly length: number;
}

/** Frequent characters get small symbols, which lets the arrays pack tightly. */
function numberSymbols(pieces: Iterable<string>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const piece of pieces) {
    for (let i = 0; i < piece.length; i++) {
      const code = piece.codePointAt(i) ?? 0;
      if (code > 0xffff) i++;
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
  }
  const byFrequency = [...counts].sort(([codeA, a], [codeB, b]) => b - a || codeA - codeB);
  return new Map(byFrequency.map(([code], index) => [code, index + 1]));
}

/** Any order does that keeps pieces with a common beginning together. */
function sorted(pieces: Piece[]): Piece[] {
  return pieces.sort(([a], [b]) => (a < b ? -1 : 1));
}

function extended(array: Int32Array, size: number, filler: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size).fill(filler);
  larger.set(array);
  return larger;
}
