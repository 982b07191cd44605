import type { AddedTokens } from './added-tokens';
import type { BertCharacters } from './bert-characters';

/** Where a token stands in its text, in UTF-16 units: from the first to past the last. */
export type Span = readonly [start: number, end: number];

export interface WordPieceParts {
  readonly characters: BertCharacters;
  /** Added tokens that are looked for in the raw text. */
  readonly raw: AddedTokens;
  readonly continuingPrefix: string;
  readonly unknownId: number;
  pieceOf(id: number): string | undefined;
}

/** Characters of a normalized word, each with where in the text it comes from. */
interface AlignedWord {
  readonly characters: string[];
  readonly spans: Span[];
}

/**
 * Finds each id of a text in it again, by reading the text as BertNormalizer and BertPreTokenizer do while keeping where
 * each character came from. Slow beside the tokenizer itself, and only for who asks.
 * @param ids of the whole text, without the special tokens around it
 * @returns a span for each id; undefined where text and ids do not meet, as with marks that change places and added
 *   tokens that only show once the text is normalized
 */
export function alignWordPieces(text: string, ids: ArrayLike<number>, parts: WordPieceParts): Span[] | undefined {
  const spans: Span[] = [];
  for (const section of parts.raw.split(text)) {
    if (section.id !== undefined) {
      if (ids[spans.length] !== section.id) return undefined;
      spans.push([section.start, section.start + section.text.length]);
      continue;
    }
    // Decomposing moves such a mark past its neighbors, and its place with it.
    for (const character of section.text) {
      if (parts.characters.reorders(character.codePointAt(0) ?? 0)) return undefined;
    }
    for (const word of wordsOf(section.text, section.start, parts.characters)) {
      if (!alignWord(word, ids, spans, parts)) return undefined;
    }
  }
  return spans.length === ids.length ? spans : undefined;
}

function alignWord(
  { characters, spans: from }: AlignedWord,
  ids: ArrayLike<number>,
  spans: Span[],
  { unknownId, continuingPrefix, pieceOf }: WordPieceParts,
): boolean {
  if (ids[spans.length] === unknownId) {
    spans.push(across(from, 0, characters.length));
    return true;
  }
  for (let at = 0; at < characters.length;) {
    const piece = pieceOf(ids[spans.length] ?? -1);
    if (piece === undefined || (at > 0 && !piece.startsWith(continuingPrefix))) return false;
    const written = [...(at > 0 ? piece.slice(continuingPrefix.length) : piece)];
    if (written.length === 0 || written.some((character, i) => characters[at + i] !== character)) return false;
    spans.push(across(from, at, at + written.length));
    at += written.length;
  }
  return true;
}

function across(spans: readonly Span[], from: number, to: number): Span {
  return [spans[from]?.[0] ?? 0, spans[to - 1]?.[1] ?? 0];
}

function* wordsOf(text: string, start: number, characters: BertCharacters): Generator<AlignedWord> {
  let word: AlignedWord = { characters: [], spans: [] };
  const end = function* (): Generator<AlignedWord> {
    if (word.characters.length > 0) yield word;
    word = { characters: [], spans: [] };
  };
  let at = start;
  for (const original of text) {
    const code = original.codePointAt(0) ?? 0;
    const span: Span = [at, (at += original.length)];
    const apart = characters.setsApart(code);
    if (apart) yield* end();
    for (const character of characters.normalize(code)) {
      const kind = characters.kind(character.codePointAt(0) ?? 0);
      if (kind !== 'word') yield* end();
      if (kind === 'alone') yield { characters: [character], spans: [span] };
      if (kind === 'word') {
        word.characters.push(character);
        word.spans.push(span);
      }
    }
    if (apart) yield* end();
  }
  yield* end();
}
