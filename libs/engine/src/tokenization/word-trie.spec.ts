import fc from 'fast-check';
import { WordTrie } from './word-trie';

/** Ids of the pieces along a path from a root. */
function walk(trie: WordTrie, root: number, text: string): number[] {
  const found: number[] = [];
  let node = root;
  for (const char of text) {
    const next = (trie.base[node] ?? 0) + trie.symbolOf(char.codePointAt(0) ?? 0);
    if (trie.check[next] !== node) break;
    found.push(trie.ids[next] ?? -1);
    node = next;
  }
  return found;
}

describe('WordTrie', () => {
  it('finds exactly the pieces of its vocabulary, from either root', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '#', 'é', '\u{20000}', '\uffff'), maxLength: 6 });
    fc.assert(
      fc.property(fc.uniqueArray(piece, { maxLength: 80 }), piece, (pieces, text) => {
        const vocabulary = new Map(pieces.map((entry, id) => [entry, id]));
        const trie = new WordTrie(vocabulary, '##');
        const prefixes = [...text].map((_, index) => [...text].slice(0, index + 1).join(''));
        for (const [root, mark] of [
          [trie.begin, ''],
          [trie.continue, '##'],
        ] as const) {
          const found = walk(trie, root, text);
          const expected = prefixes.map((prefix) => vocabulary.get(mark + prefix) ?? -1);
          // The walk may end early, but only where no piece goes on.
          expect(found).toEqual(expected.slice(0, found.length));
          expect(expected.slice(found.length).every((id) => id === -1)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
