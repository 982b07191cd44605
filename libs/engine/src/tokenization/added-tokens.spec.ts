import { AddedTokens } from './added-tokens';

const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
const split = (tokens: AddedTokens, text: string) => [...tokens.split(text)].map((part) => part.id ?? part.text);

describe('AddedTokens', () => {
  it('takes the leftmost, and of those the longest', () => {
    const tokens = new AddedTokens(
      [
        { ...plain, id: 1, content: 'ab' },
        { ...plain, id: 2, content: 'abc' },
        { ...plain, id: 3, content: 'bcd' },
      ],
      (content) => content,
    );
    expect(split(tokens, 'xabcdab')).toEqual(['x', 2, 'd', 1]);
    expect(split(tokens, 'none')).toEqual(['none']);
    expect(split(tokens, '')).toEqual([]);
  });

  it('swallows whitespace where a token asks for it', () => {
    const tokens = new AddedTokens(
      [
        { ...plain, id: 1, content: '<l>', lstrip: true },
        { ...plain, id: 2, content: '<r>', rstrip: true },
      ],
      (content) => content,
    );
    expect(split(tokens, 'a \u0085<l> b<r>\u00a0 c')).toEqual(['a', 1, ' b', 2, 'c']);
  });

  it('leaves a token within a word alone where it must be a word', () => {
    const tokens = new AddedTokens([{ ...plain, id: 1, content: 'ing', single_word: true }], (content) => content);
    expect(split(tokens, 'going ing ing\u0301 -ing- \u{1d400}ing')).toEqual([
      'going ',
      1,
      ' ing\u0301 -',
      1,
      '- \u{1d400}ing',
    ]);
  });
});
