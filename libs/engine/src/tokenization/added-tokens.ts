import { type AddedToken } from './tokenizer-file';

/** Finds added tokens in a text as the reference does: leftmost first, of those that begin there the longest. */
export class AddedTokens {
  private readonly byFirst = new Map<string, { content: string; id: number }[]>();

  /** @param written what a token's content looks like in the texts to be searched */
  constructor(tokens: readonly AddedToken[], written: (content: string) => string) {
    for (const { id, content } of tokens) {
      const text = written(content);
      const [first] = text;
      if (first === undefined) continue;
      const list = this.byFirst.get(first) ?? [];
      list.push({ content: text, id });
      this.byFirst.set(
        first,
        list.sort((a, b) => b.content.length - a.content.length),
      );
    }
  }

  mayBeginWith(char: string): boolean {
    return this.byFirst.has(char);
  }

  longestAt(text: string, index: number): { readonly content: string; readonly id: number } | undefined {
    const code = text.codePointAt(index);
    if (code === undefined) return undefined;
    return this.byFirst.get(String.fromCodePoint(code))?.find(({ content }) => text.startsWith(content, index));
  }

  /** The text as ids of added tokens and what stands between them, in order. */
  *split(text: string): Generator<string | number> {
    if (this.byFirst.size === 0) {
      yield text;
      return;
    }
    let from = 0;
    for (let i = 0; i < text.length;) {
      const token = this.longestAt(text, i);
      if (token === undefined) {
        i += (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
        continue;
      }
      if (from < i) yield text.slice(from, i);
      yield token.id;
      i += token.content.length;
      from = i;
    }
    if (from < text.length) yield text.slice(from);
  }
}
