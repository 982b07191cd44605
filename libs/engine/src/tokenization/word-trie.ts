/**
 * The pieces of a WordPiece vocabulary as one double-array trie with two roots: pieces that begin a word and pieces that
 * continue one. A step from a node by a symbol is `base[node] + symbol`, valid when `check` there names the node: two
 * reads of typed arrays a character, no strings, no hashing.
 *
 * J. Aoe, "An efficient digital search algorithm by using a double-array structure", IEEE TSE 15(9), 1989.
 */
export class WordTrie {
  readonly begin: number;
  readonly continue: number;
  readonly base: Int32Array;
  readonly check: Int32Array;
  /** Id of the piece that ends at a node, or -1. */
  readonly ids: Int32Array;
  private readonly symbols: ReadonlyMap<number, number>;

  /** @param continuingPrefix what marks a piece that continues a word, such as `##` */
  constructor(vocabulary: ReadonlyMap<string, number>, continuingPrefix: string) {
    this.symbols = numberSymbols(vocabulary.keys());
    const begin = newNode();
    const rest = newNode();
    for (const [piece, id] of vocabulary) {
      insert(begin, piece, id, this.symbols);
      if (piece.startsWith(continuingPrefix)) insert(rest, piece.slice(continuingPrefix.length), id, this.symbols);
    }
    // The reference never looks an empty piece up.
    begin.id = rest.id = -1;
    const packed = pack([begin, rest], this.symbols.size);
    ({ base: this.base, check: this.check, ids: this.ids } = packed);
    [this.begin = 0, this.continue = 0] = packed.roots;
  }

  /** The symbol of a character; 0 when no piece contains it, which no node has a step for. */
  symbolOf(code: number): number {
    return this.symbols.get(code) ?? 0;
  }
}

interface Node {
  id: number;
  children: Map<number, Node> | undefined;
}

function newNode(): Node {
  return { id: -1, children: undefined };
}

/** Frequent characters get small symbols, which lets the array pack tightly. */
function numberSymbols(pieces: Iterable<string>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const piece of pieces) {
    for (const char of piece) {
      const code = char.codePointAt(0) ?? 0;
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
  }
  const byFrequency = [...counts].sort(([codeA, a], [codeB, b]) => b - a || codeA - codeB);
  return new Map(byFrequency.map(([code], index) => [code, index + 1]));
}

function insert(root: Node, piece: string, id: number, symbols: ReadonlyMap<number, number>): void {
  let node = root;
  for (const char of piece) {
    const symbol = symbols.get(char.codePointAt(0) ?? 0) ?? 0;
    node.children ??= new Map();
    let next = node.children.get(symbol);
    if (next === undefined) node.children.set(symbol, (next = newNode()));
    node = next;
  }
  node.id = id;
}

function pack(roots: readonly Node[], symbols: number) {
  let size = 1 << 16;
  let base = new Int32Array(size);
  let check = new Int32Array(size).fill(-1);
  let ids = new Int32Array(size).fill(-1);
  const reserve = (least: number) => {
    while (size < least) size *= 2;
    if (size === base.length) return;
    base = extended(base, size, 0);
    check = extended(check, size, -1);
    ids = extended(ids, size, -1);
  };

  const ROOT = -2;
  const queue: { node: Node; at: number }[] = roots.map((node, at) => ({ node, at }));
  for (const { at } of queue) check[at] = ROOT;
  let free = roots.length; // everything below is taken
  let last = roots.length;
  for (const { node, at } of queue) {
    ids[at] = node.id;
    if (node.children === undefined) continue;
    const steps = [...node.children.keys()].sort((a, b) => a - b);
    const smallest = steps[0] ?? 0;
    while (check[free] !== -1) {
      free++;
      reserve(free + symbols + 1);
    }
    let slot = free;
    let tries = 0;
    for (; ; slot++) {
      const first = slot - smallest;
      reserve(slot + symbols + 1);
      if (first >= 0 && check[slot] === -1 && steps.every((step) => check[first + step] === -1)) break;
      // A region that keeps failing is nearly full: leave its holes behind, or packing would turn quadratic.
      if (++tries === 2000) free = slot;
    }
    const first = slot - smallest;
    base[at] = first;
    for (const [step, child] of node.children) {
      check[first + step] = at;
      queue.push({ node: child, at: first + step });
      last = Math.max(last, first + step);
    }
  }
  // Any step from any node stays inside the arrays.
  const length = last + symbols + 2;
  reserve(length);
  return {
    roots: roots.map((_, index) => index),
    base: base.slice(0, length),
    check: check.slice(0, length),
    ids: ids.slice(0, length),
  };
}

function extended(array: Int32Array<ArrayBuffer>, size: number, filler: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size).fill(filler);
  larger.set(array);
  return larger;
}
