import * as data from './bert-characters.data';

/** The switches of tokenizer.json's BertNormalizer. */
export interface BertNormalization {
  readonly cleanText: boolean;
  readonly handleChineseChars: boolean;
  readonly stripAccents: boolean;
  readonly lowercase: boolean;
}

/** How BertPreTokenizer treats a character: a gap between words, part of a word, or a word of its own. */
export type BertKind = 'gap' | 'word' | 'alone';

/**
 * What the reference's BertNormalizer and BertPreTokenizer do to each character.
 *
 * The JavaScript tokenizer (@huggingface/tokenizers 0.2) asks the running Node's Unicode tables instead, and so differs
 * from the Rust/Python reference (tokenizers 0.23): it lowercases a word-final Greek sigma to U+03C2 where the reference
 * writes U+03C3, does not set ideographs beyond the BMP apart, and knows punctuation, marks and decompositions that the
 * reference's older tables do not, more of them with each Node version. Hence the sets below, taken from the
 * reference for every code point. Node only supplies the values of decompositions and lowercase mappings, which
 * Unicode's stability policy freezes once they are given.
 *
 * All of it is a function of one character, except that decomposing reorders the marks of a cluster. The order counts
 * only where a mark stays: see `reorders`.
 */
export class BertCharacters {
  private readonly flags = new Uint8Array(0x110000);

  constructor(private readonly normalization: BertNormalization) {
    mark(this.flags, data.REMOVED, REMOVED);
    mark(this.flags, data.WHITESPACE, WHITESPACE);
    mark(this.flags, data.IDEOGRAPHS, IDEOGRAPH);
    mark(this.flags, data.PUNCTUATION, PUNCTUATION);
    mark(this.flags, data.DECOMPOSING, DECOMPOSING);
    mark(this.flags, data.MARKS, MARK);
    mark(this.flags, data.REORDERED, REORDERED);
    mark(this.flags, data.UPPERCASE, UPPERCASE);
  }

  /** Whether cleaning takes the character out before anything else looks at it. */
  removes(code: number): boolean {
    return this.normalization.cleanText && (this.at(code) & REMOVED) !== 0;
  }

  /** The characters that one character of the input becomes; empty when it is dropped. */
  normalize(code: number): string {
    if (this.removes(code)) return '';
    if (this.normalization.cleanText && (this.at(code) & WHITESPACE) !== 0) return ' ';
    let text = String.fromCodePoint(code);
    if (this.normalization.stripAccents) text = this.strip(text);
    if (this.normalization.lowercase) text = this.lower(text);
    return text;
  }

  /** Whether a character of the input is set apart as an ideograph, whatever it becomes. */
  setsApart(code: number): boolean {
    return this.normalization.handleChineseChars && (this.at(code) & IDEOGRAPH) !== 0;
  }

  /** How the pre-tokenizer treats a character that has been normalized. */
  kind(code: number): BertKind {
    const flags = this.at(code);
    if ((flags & WHITESPACE) !== 0) return 'gap';
    return (flags & PUNCTUATION) !== 0 ? 'alone' : 'word';
  }

  /**
   * Whether a character may change places with its neighbours when the text is decomposed, and is kept. Such a text has
   * to be decomposed as a whole (`decompose`) before its characters are looked at one by one.
   */
  reorders(code: number): boolean {
    if (!this.normalization.stripAccents) return false;
    if ((this.at(code) & REORDERED) !== 0) return true;
    if ((this.at(code) & DECOMPOSING) === 0) return false;
    for (const char of String.fromCodePoint(code).normalize('NFD')) {
      if ((this.at(char.codePointAt(0) ?? 0) & REORDERED) !== 0) return true;
    }
    return false;
  }

  /** A whole text as BertNormalizer leaves it. */
  normalizeText(text: string): string {
    let normalized = '';
    for (const char of this.normalization.stripAccents ? this.decompose(text) : text) {
      const code = char.codePointAt(0) ?? 0;
      const becomes = this.normalize(code);
      normalized += this.setsApart(code) ? ` ${becomes} ` : becomes;
    }
    return normalized;
  }

  /** The words that BertPreTokenizer makes of a normalized text. */
  split(text: string): string[] {
    const words: string[] = [];
    let word = '';
    for (const char of text) {
      const kind = this.kind(char.codePointAt(0) ?? 0);
      if (kind === 'word') {
        word += char;
        continue;
      }
      if (word !== '') words.push(word);
      word = '';
      if (kind === 'alone') words.push(char);
    }
    if (word !== '') words.push(word);
    return words;
  }

  /** Cleans a text and brings its marks into canonical order. */
  private decompose(text: string): string {
    let cleaned = '';
    for (const char of text) if (!this.removes(char.codePointAt(0) ?? 0)) cleaned += char;
    return cleaned.normalize('NFD');
  }

  private strip(text: string): string {
    const decomposed = (this.at(text.codePointAt(0) ?? 0) & DECOMPOSING) !== 0 ? text.normalize('NFD') : text;
    let kept = '';
    for (const char of decomposed) if ((this.at(char.codePointAt(0) ?? 0) & MARK) === 0) kept += char;
    return kept;
  }

  private lower(text: string): string {
    let lowered = '';
    // One by one: a whole word would make JavaScript choose the final form of a Greek sigma.
    for (const char of text) {
      lowered += (this.at(char.codePointAt(0) ?? 0) & UPPERCASE) !== 0 ? char.toLowerCase() : char;
    }
    return lowered;
  }

  private at(code: number): number {
    return this.flags[code] ?? 0;
  }
}

const REMOVED = 1;
const WHITESPACE = 2;
const IDEOGRAPH = 4;
const PUNCTUATION = 8;
const DECOMPOSING = 16;
const MARK = 32;
const REORDERED = 64;
const UPPERCASE = 128;

function mark(flags: Uint8Array, ranges: string, flag: number): void {
  let end = 0;
  for (const range of ranges.split(',')) {
    const [gap = '', more = '0'] = range.split('.');
    const first = end + parseInt(gap, 36);
    end = first + parseInt(more, 36);
    for (let code = first; code <= end; code++) flags[code] = (flags[code] ?? 0) | flag;
  }
}
