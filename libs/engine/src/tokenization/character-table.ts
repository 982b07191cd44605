import { type BertCharacters } from './bert-characters';

/*
 * What a WordPiece tokenizer does with each character, as one number:
 *   bits 0-20   the symbol (WordTrie) of the one character it becomes, or an index into `expansions`
 *   above       flags; none set: the character is part of a word
 */
export const SYMBOL = 0x1fffff;
/** Between words. */
export const GAP = 1 << 21;
/** Leaves no trace. */
export const DROPPED = 1 << 22;
/** A word of its own. */
export const ALONE = 1 << 23;
/** Becomes several characters: `expansions` holds their number, then an entry each. */
export const EXPANDS = 1 << 24;
/** Cannot be judged one character at a time; see BertCharacters.reorders and normalized added tokens. */
export const NEEDS_WHOLE_TEXT = 1 << 25;
/** An added token that is matched in the raw text may begin here. */
export const MAY_BEGIN_ADDED = 1 << 26;

const PAGE_BITS = 8;
const PAGE = 1 << PAGE_BITS;

/** Entries of all code points, worked out a page of 256 at a time when a text first needs one. */
export class CharacterTable {
  readonly ascii: Int32Array;
  /** Filled by `entry`; read it again after each call. */
  readonly expansions: number[] = [];
  private readonly pages = new Array<Int32Array | undefined>(0x110000 >> PAGE_BITS);

  /**
   * @param symbolOf the trie's symbol of a character
   * @param extra flags to add to an entry, given the character and what it becomes
   */
  constructor(
    private readonly characters: BertCharacters,
    private readonly symbolOf: (code: number) => number,
    private readonly extra: (code: number, normalized: string) => number,
  ) {
    this.ascii = this.page(0).slice(0, 128);
  }

  entry(code: number): number {
    return (this.pages[code >> PAGE_BITS] ?? this.page(code >> PAGE_BITS))[code & (PAGE - 1)] ?? DROPPED;
  }

  private page(index: number): Int32Array {
    const entries = new Int32Array(PAGE);
    for (let i = 0; i < PAGE; i++) {
      const code = (index << PAGE_BITS) | i;
      // A lone surrogate becomes U+FFFD in UTF-8, which is all that the reference ever sees.
      entries[i] = this.make(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code);
    }
    return (this.pages[index] = entries);
  }

  private make(code: number): number {
    const normalized = this.characters.normalize(code);
    const flags = this.extra(code, normalized) | (this.characters.reorders(code) ? NEEDS_WHOLE_TEXT : 0);
    const parts = [...normalized].map((char) => {
      const part = char.codePointAt(0) ?? 0;
      const kind = this.characters.setsApart(code) ? 'alone' : this.characters.kind(part);
      return kind === 'gap' ? GAP : this.symbolOf(part) | (kind === 'alone' ? ALONE : 0);
    });
    if (parts.length === 0) return DROPPED | flags;
    if (parts.length === 1) return (parts[0] ?? 0) | flags;
    const at = this.expansions.push(parts.length, ...parts) - parts.length - 1;
    return EXPANDS | at | flags;
  }
}
