import { Branches } from './branches';

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
    const branches = new Branches(2, vocabulary.keys());
    const symbolOf = (code: number) => this.symbolOf(code);
    for (const [piece, id] of vocabulary) {
      branches.add(this.begin, piece, 0, id, symbolOf);
      if (continuingPrefix !== undefined && piece.startsWith(continuingPrefix)) {
        branches.add(this.continue, piece, continuingPrefix.length, id, symbolOf);
      }
    }
    this.check[this.begin] = this.check[this.continue] = ROOT;
    const last = this.pack(branches);
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

  /** Gives all nodes their places, breadth first, and returns the last place taken. */
  private pack({ roots, size, symbol, child, sibling, id }: Branches): number {
    const queue = new Int32Array(size);
    const place = new Int32Array(size);
    for (let root = 0; root < roots; root++) queue[root] = place[root] = root;
    let queued = roots;
    let last = roots - 1;
    let free = roots; // no place before is free
    let wide = free; // where the search for several places at once begins
    for (let next = 0; next < queued; next++) {
      const node = queue[next] as number; // within bounds: `queued` nodes were put there
      const at = place[node] as number;
      this.ids[at] = id(node);
      const first = child[node] as number;
      if (first === 0) continue;
      while (this.check[free] !== NOBODY) this.reserve(++free + 1);
      let least = Infinity;
      for (let step = first; step !== 0; step = sibling[step] as number)
        least = Math.min(least, symbol[step] as number);
      let base = Math.max(0, (sibling[first] === 0 ? free : Math.max(free, wide)) - least);
      for (let tries = 0; !this.fits(base, first, symbol, sibling); tries++, base++) {
        // What keeps failing is nearly full: searching it again for each node would take quadratic time.
        if (tries > 100) wide = base + least;
      }
      this.base[at] = base;
      for (let step = first; step !== 0; step = sibling[step] as number) {
        const taken = base + (symbol[step] as number);
        this.check[taken] = at;
        place[step] = taken;
        queue[queued++] = step;
        last = Math.max(last, taken);
      }
    }
    return last;
  }

  private fits(base: number, first: number, symbol: Int32Array, sibling: Int32Array): boolean {
    this.reserve(base + this.symbols.size + 1);
    for (let step = first; step !== 0; step = sibling[step] as number) {
      if (this.check[base + (symbol[step] as number)] !== NOBODY) return false;
    }
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

/** Frequent characters get small symbols, which lets the arrays pack tightly. */
function numberSymbols(pieces: Iterable<string>): Map<number, number> {
  const counts = new Uint32Array(0x110000);
  for (const piece of pieces) {
    for (let i = 0; i < piece.length; i++) {
      const code = piece.codePointAt(i) as number; // i is inside the piece
      if (code > 0xffff) i++;
      (counts[code] as number)++;
    }
  }
  const used: number[] = [];
  for (let code = 0; code < counts.length; code++) if (counts[code] !== 0) used.push(code);
  used.sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  return new Map(used.map((code, index) => [code, index + 1]));
}

function extended(array: Int32Array, size: number, filler: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size).fill(filler);
  larger.set(array);
  return larger;
}
