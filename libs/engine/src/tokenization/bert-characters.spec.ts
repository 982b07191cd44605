import { BertCharacters } from './bert-characters';

const off = { cleanText: false, handleChineseChars: false, stripAccents: false, lowercase: false };
const all = { cleanText: true, handleChineseChars: true, stripAccents: true, lowercase: true };

describe('BertCharacters', () => {
  const characters = new BertCharacters(all);

  it('cleans, sets ideographs apart, strips accents and lowercases', () => {
    expect(characters.normalizeText('A\0\tÉ\u00a0ß\ufffd')).toBe('a e ß');
    expect(characters.normalizeText('x\uf900\u{20000}y')).toBe('x \u8c48  \u{20000} y');
    expect(new BertCharacters(off).normalizeText('A\0\tÉ\u00a0')).toBe('A\0\tÉ\u00a0');
  });

  it('splits at every whitespace and around every punctuation mark, ASCII symbols included', () => {
    expect(characters.split("a$b+c\u00a0d'e¡f€")).toEqual(['a', '$', 'b', '+', 'c', 'd', "'", 'e', '¡', 'f€']);
  });

  it('puts marks in order only where one of them stays', () => {
    expect(characters.reorders(0x0301)).toBe(false);
    expect(characters.reorders(0x302e)).toBe(true);
    expect(characters.reorders(0x1d15e)).toBe(true);
    expect(characters.normalizeText('a\u{1d16d}\u{1d165}')).toBe('a\u{1d165}\u{1d16d}');
  });

  // WordPieceTokenizer normalizes what has been normalized before where added tokens are matched in between.
  it.each([all, { ...all, stripAccents: false }, { ...off, stripAccents: true }])(
    'changes no character that it has made: %o',
    (normalization) => {
      const under = new BertCharacters(normalization);
      for (let code = 0; code < 0x30000; code++) {
        if (code >= 0xd800 && code <= 0xdfff) continue;
        const once = under.normalize(code);
        let twice = '';
        for (const char of once) twice += under.normalize(char.codePointAt(0) ?? 0);
        if (twice !== once) throw new Error(`U+${code.toString(16)} becomes ${once}, then ${twice}`);
        if (under.setsApart(code) && !under.setsApart(once.codePointAt(0) ?? 0)) {
          throw new Error(`U+${code.toString(16)} is set apart, but not what it becomes`);
        }
      }
    },
  );
});
