import type { Encoding, TextToken, Tokenizer, Truncation } from '../contracts';
import { AddedTokens, divideByStage, isNormalized } from './added-tokens';
import { alignWordPieces } from './align-word-pieces';
import { BertCharacters } from './bert-characters';
import {
  ALONE,
  CharacterTable,
  DROPPED,
  EXPANDS,
  GAP,
  MAY_BEGIN_ADDED,
  NEEDS_WHOLE_TEXT,
  SYMBOL,
} from './character-table';
import { SpecialTokenFrame } from './special-token-frame';
import { decodeWordPieces } from './wordpiece-decoding';
import { type WordPieceConfig } from './wordpiece-config';
import { WordTrie } from './word-trie';

/** `scan` met a character that cannot be judged by itself. */
const WHOLE_TEXT_NEEDED = -1;

/**
 * BERT's tokenizer (BertNormalizer, BertPreTokenizer, WordPiece) in one pass over the UTF-16 units of a text, exact
 * against the reference and without a string per word: each character becomes a symbol of the trie by table
 * (CharacterTable), each word the ids of its greedily longest pieces.
 *
 * Two things need more than one character at a time and send a text through `scanSections`: marks that stay in the text
 * and change places in canonical ordering (83 rare characters), and added tokens that are matched after normalization.
 */
export class WordPieceTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  private readonly frame: SpecialTokenFrame;
  private readonly characters: BertCharacters;
  private readonly table: CharacterTable;
  private readonly trie: WordTrie;
  private readonly raw: AddedTokens;
  private readonly normalized: AddedTokens;
  private readonly pieces: string[] = [];
  private readonly special: ReadonlySet<number>;
  /** Symbols of the word being read. */
  private readonly word: Int32Array;
  /** Ids found so far; grows and is reused. */
  private out = new Int32Array(1024);

  constructor(private readonly config: WordPieceConfig) {
    for (const [piece, id] of config.vocabulary) this.pieces[id] = piece;
    this.special = new Set(config.addedTokens.filter((token) => token.special).map((token) => token.id));
    this.frame = new SpecialTokenFrame(config.prefix, config.suffix);
    this.characters = new BertCharacters(config.normalization);
    this.trie = new WordTrie(config.vocabulary, config.continuingPrefix);
    this.word = new Int32Array(config.longestWord);

    const { raw, normalized } = divideByStage(config.addedTokens);
    this.raw = new AddedTokens(raw, (content) => content);
    this.normalized = new AddedTokens(normalized, (content) => this.characters.normalizeText(content));
    for (const token of config.addedTokens) {
      // The reference reads a token that it matches in normalized text in its normalized form.
      this.pieces[token.id] = isNormalized(token) ? this.characters.normalizeText(token.content) : token.content;
    }
    this.vocabularySize = this.pieces.length;
    const begin = new Set(raw.map((token) => token.content.codePointAt(0)));
    // Whether it stands as a single word takes a look at its neighbors.
    const beginWord = new Set(raw.filter((token) => token.single_word).map((token) => token.content.codePointAt(0)));
    this.table = new CharacterTable(
      this.characters,
      (code) => this.trie.symbolOf(code),
      (code, becomes) =>
        (begin.has(code) ? MAY_BEGIN_ADDED : 0) |
        (beginWord.has(code) || [...becomes].some((char) => this.normalized.mayBeginWith(char)) ? NEEDS_WHOLE_TEXT : 0),
    );
  }

  encode(text: string, limit: number, truncation: Truncation): Encoding {
    const room = this.frame.room(limit, truncation);
    // Past one id too many, what follows only matters when the end is kept.
    const enough = truncation === 'end' ? room : Infinity;
    let count = this.scan(text, 0, enough, false);
    if (count === WHOLE_TEXT_NEEDED) count = this.scanSections(text, enough);
    return this.frame.around(this.out, count, limit, truncation);
  }

  decode(ids: Int32Array | readonly number[], special: 'kept' | 'left out' = 'left out'): string {
    const pieces: string[] = [];
    for (const id of ids) {
      const piece = this.pieces[id];
      if (piece !== undefined && (special === 'kept' || !this.special.has(id))) pieces.push(piece);
    }
    return decodeWordPieces(pieces, this.config.decoder);
  }

  tokens(text: string): readonly TextToken[] {
    const { ids } = this.encode(text, Infinity, 'none');
    const spans = alignWordPieces(text.toWellFormed(), this.frame.bare(ids), {
      characters: this.characters,
      raw: this.raw,
      continuingPrefix: this.config.continuingPrefix,
      unknownId: this.config.unknownId,
      pieceOf: (id) => this.pieces[id],
    });
    return this.frame.tokens(ids, (id) => this.pieces[id], spans);
  }

  wrap(ids: readonly number[], limit: number, truncation: Truncation): Encoding {
    return this.frame.wrap(ids, this.vocabularySize, limit, truncation);
  }

  /**
   * Appends the ids of `text` to the `count` in `out` until there are more than `enough`.
   * @param section whether added tokens are taken out already and marks in order
   * @returns the new count, or WHOLE_TEXT_NEEDED
   */
  private scan(text: string, count: number, enough: number, section: boolean): number {
    const { word, table } = this;
    const { ascii } = table;
    const longest = word.length;
    let length = 0; // of the word; past `longest` only counted
    for (let i = 0; i < text.length; i++) {
      const start = i;
      const unit = text.charCodeAt(i);
      let entry: number;
      if (unit < 128) {
        entry = ascii[unit] as number; // within bounds by the line above
      } else {
        const code = (unit & 0xfc00) === 0xd800 ? (text.codePointAt(i) ?? unit) : unit;
        entry = table.entry(code);
        if (code > 0xffff) i++;
      }
      if (entry < GAP) {
        if (length < longest) word[length] = entry;
        length++;
        continue;
      }
      if ((entry & (NEEDS_WHOLE_TEXT | MAY_BEGIN_ADDED)) !== 0 && !section) {
        if ((entry & NEEDS_WHOLE_TEXT) !== 0) return WHOLE_TEXT_NEEDED;
        const match = this.raw.longestAt(text, start);
        if (match !== undefined) {
          count = this.pushId(match.token.id, this.endWord(length, count));
          length = 0;
          if (count > enough) return count;
          i = start + match.text.length - 1;
          continue;
        }
      }
      if ((entry & DROPPED) !== 0) continue;
      if ((entry & EXPANDS) !== 0) {
        const at = entry & SYMBOL;
        const parts = table.expansions[at] ?? 0;
        for (let part = at + 1; part <= at + parts; part++) {
          const piece = table.expansions[part] ?? GAP;
          if (piece < GAP) {
            if (length < longest) word[length] = piece;
            length++;
          } else {
            count = this.endWord(length, count);
            length = 0;
            if ((piece & ALONE) !== 0) count = this.pushAlone(piece & SYMBOL, count);
          }
        }
      } else if ((entry & (GAP | ALONE)) !== 0) {
        count = this.endWord(length, count);
        length = 0;
        if ((entry & ALONE) !== 0) count = this.pushAlone(entry & SYMBOL, count);
      } else {
        if (length < longest) word[length] = entry & SYMBOL;
        length++;
      }
      if (count > enough) return count;
    }
    return this.endWord(length, count);
  }

  /** As `scan`, the slow way: added tokens first, then each section between them normalized as a whole. */
  private scanSections(text: string, enough: number): number {
    let count = 0;
    for (const { id, text: section } of this.raw.split(text.toWellFormed())) {
      if (id !== undefined) {
        count = this.pushId(id, count);
      } else {
        for (const part of this.normalized.split(this.characters.normalizeText(section))) {
          count = part.id !== undefined ? this.pushId(part.id, count) : this.scan(part.text, count, enough, true);
          if (count > enough) return count;
        }
      }
      if (count > enough) return count;
    }
    return count;
  }

  /** Appends the ids of the word of `length` symbols, and returns the new count. */
  private endWord(length: number, count: number): number {
    if (length === 0) return count;
    if (this.out.length < count + length) this.grow(count + length);
    const { word, out } = this;
    if (length > word.length) {
      out[count] = this.config.unknownId;
      return count + 1;
    }
    const { base, check, ids } = this.trie;
    const first = count;
    let node = this.trie.begin;
    for (let from = 0; from < length; node = this.trie.continue) {
      let best = -1;
      let end = from;
      // The reads below stay inside their arrays: `word` is filled to `length`, and WordTrie pads for any step.
      for (let at = from; at < length; at++) {
        const next = (base[node] as number) + (word[at] as number);
        if (check[next] !== node) break;
        node = next;
        const id = ids[next] as number;
        if (id >= 0) {
          best = id;
          end = at + 1;
        }
      }
      if (best < 0) {
        out[first] = this.config.unknownId;
        return first + 1;
      }
      out[count++] = best;
      from = end;
    }
    return count;
  }

  private pushAlone(symbol: number, count: number): number {
    this.word[0] = symbol;
    return this.endWord(1, count);
  }

  private pushId(id: number, count: number): number {
    if (this.out.length <= count) this.grow(count + 1);
    this.out[count] = id;
    return count + 1;
  }

  private grow(least: number): void {
    const larger = new Int32Array(Math.max(least, this.out.length * 2));
    larger.set(this.out);
    this.out = larger;
  }
}
