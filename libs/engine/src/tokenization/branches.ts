/**
 * Pieces branching by their symbols, as WordTrie packs them: nodes are numbers, the roots first, and lists of children
 * are links in typed arrays. A server that starts builds a node for each of some hundred thousand characters; as
 * objects they would keep the collector busy for longer than the rest takes.
 */
export class Branches {
  /** Symbol that leads to a node from its parent. */
  readonly symbol: Int32Array;
  /** First child of a node and the next child of its parent; 0 is none, for node 0 is a root. */
  readonly child: Int32Array;
  readonly sibling: Int32Array;
  private readonly parent: Int32Array;
  /** One more than the id of the piece that ends at a node. */
  private readonly ends: Int32Array;
  /** Nodes by parent and symbol, with open addressing; 0 is empty. */
  private readonly table: Int32Array;
  private nodes: number;

  /**
   * @param roots how many trees
   * @param pieces all that will be added, for their lengths: each may be added once to each root
   */
  constructor(
    readonly roots: number,
    pieces: Iterable<string>,
  ) {
    let most = roots;
    for (const piece of pieces) most += piece.length * roots;
    this.symbol = new Int32Array(most);
    this.child = new Int32Array(most);
    this.sibling = new Int32Array(most);
    this.parent = new Int32Array(most);
    this.ends = new Int32Array(most);
    this.table = new Int32Array(1 << (33 - Math.clz32(most)));
    this.nodes = roots;
  }

  /** Number of nodes. */
  get size(): number {
    return this.nodes;
  }

  /** Id of the piece that ends at a node, or -1. */
  readonly id = (node: number): number => (this.ends[node] ?? 0) - 1;

  /** Adds what follows in `piece` from an index on; nothing where that is its end, for no lookup is ever empty. */
  add(root: number, piece: string, from: number, id: number, symbolOf: (code: number) => number): void {
    let node = root;
    for (let i = from; i < piece.length; i++) {
      const code = piece.codePointAt(i) as number; // i is inside the piece
      if (code > 0xffff) i++;
      node = this.step(node, symbolOf(code));
    }
    if (node !== root) this.ends[node] = id + 1;
  }

  /** The child of a node by a symbol, made where there is none yet. */
  private step(node: number, symbol: number): number {
    const mask = this.table.length - 1;
    let slot = (Math.imul(node, 0x9e3779b1) ^ Math.imul(symbol, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    for (;;) {
      const found = this.table[slot] as number; // the mask keeps it within bounds
      if (found === 0) break;
      if (this.parent[found] === node && this.symbol[found] === symbol) return found;
      slot = (slot + 1) & mask;
    }
    const made = this.nodes++;
    this.table[slot] = made;
    this.symbol[made] = symbol;
    this.parent[made] = node;
    this.sibling[made] = this.child[node] as number;
    this.child[node] = made;
    return made;
  }
}
