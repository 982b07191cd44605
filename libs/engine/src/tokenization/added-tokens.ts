import { type AddedToken } from './tokenizer-file';

/** What the reference's regular expressions mean by \w and \s. */
const WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;
const BEGINS_WITH_WORD = new RegExp(`^${WORD.source}`, 'u');
const ENDS_WITH_WORD = new RegExp(`${WORD.source}$`, 'u');
const SPACES_AT_END = /\p{White_Space}*$/u;
const SPACES_AT_START = /^\p{White_Space}*/u;

interface Written {
  readonly text: string;
  readonly token: AddedToken;
}

/** An added token in a text, and where the text before it began. */
export interface Section {
  /** Set for an added token, undefined for text. */
  readonly id: number | undefined;
  readonly text: string;
  readonly start: number;
}

/** Finds added tokens in a text as the reference does: leftmost first, of those that begin there the longest. */
export class AddedTokens {
  private readonly byFirst = new Map<string, Written[]>();

  /** @param written what a token's content looks like in the texts to be searched */
  constructor(tokens: readonly AddedToken[], written: (content: string) => string) {
    for (const token of tokens) {
      const text = written(token.content);
      const [first] = text;
      if (first === undefined) continue;
      const list = [...(this.byFirst.get(first) ?? []), { text, token }];
      this.byFirst.set(
        first,
        list.sort((a, b) => b.text.length - a.text.length),
      );
    }
  }

  get isEmpty(): boolean {
    return this.byFirst.size === 0;
  }

  mayBeginWith(char: string): boolean {
    return this.byFirst.has(char);
  }

  longestAt(text: string, index: number): Written | undefined {
    const code = text.codePointAt(index);
    if (code === undefined) return undefined;
    return this.byFirst.get(String.fromCodePoint(code))?.find((written) => text.startsWith(written.text, index));
  }

  /** The text as added tokens and what stands between them, in order, without what `lstrip` and `rstrip` swallow. */
  *split(text: string): Generator<Section> {
    let from = 0;
    for (let i = this.isEmpty ? text.length : 0; i < text.length;) {
      const match = this.longestAt(text, i);
      if (match === undefined) {
        i += (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
        continue;
      }
      let start = i;
      let end = (i += match.text.length);
      const { id, single_word, lstrip, rstrip } = match.token;
      if (single_word && (BEGINS_WITH_WORD.test(text.slice(end)) || ENDS_WITH_WORD.test(text.slice(0, start))))
        continue;
      if (lstrip) start = Math.max(from, start - (SPACES_AT_END.exec(text.slice(from, start))?.[0].length ?? 0));
      if (rstrip) end += SPACES_AT_START.exec(text.slice(end))?.[0].length ?? 0;
      if (from < start) yield { id: undefined, text: text.slice(from, start), start: from };
      yield { id, text: match.text, start };
      from = end;
    }
    if (from < text.length) yield { id: undefined, text: text.slice(from), start: from };
  }
}

/** The tokens to look for in the raw text, and those to look for once it is normalized. */
export function divideByStage(tokens: readonly AddedToken[]): { raw: AddedToken[]; normalized: AddedToken[] } {
  return { raw: tokens.filter((token) => !isNormalized(token)), normalized: tokens.filter(isNormalized) };
}

export function isNormalized(token: AddedToken): boolean {
  return token.normalized ?? !token.special;
}
