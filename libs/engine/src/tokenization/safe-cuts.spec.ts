import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { LibraryPipeline } from './library-pipeline';
import { cutsAreSafe, nextCut } from './safe-cuts';
import { parseTokenizerFile } from './tokenizer-file';

const fixtures = join(__dirname, '../../../../test/fixtures/tokenizers');

describe.each(['unigram', 'byte-bpe'])('safe cuts with a %s file', (name) => {
  const file = parseTokenizerFile(readFileSync(join(fixtures, `${name}.json`), 'utf8'));
  const pipeline = new LibraryPipeline(new HuggingFaceTokenizer(file, {}), file);
  const piece = fc.oneof(
    fc.constantFrom('The river', 'boat', ' ', '  ', '\n', '\t ', '\u00a0', '\u3000', '<mask>', '</s>', '東京'),
    fc.constantFrom('e \u0301', 'e\u0301', '☃', '\u2581', 'a\u2581 b', '...', '. ', '\u0600', '\u200b', '\ufeff'),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  const text = fc
    .tuple(fc.array(piece, { maxLength: 60 }), fc.constantFrom('', ' '))
    .map(([pieces, joint]) => pieces.join(joint));

  // A tokenizer only cuts every few thousand characters, where it rarely meets a place that matters; here, all of them.
  it('cut at every place that is safe, a text keeps its ids', () => {
    expect(cutsAreSafe(file)).toBe(true);
    fc.assert(
      fc.property(text, (whole) => {
        const ids: number[] = [];
        for (let from = 0; from < whole.length;) {
          const to = nextCut(whole, from + 1);
          ids.push(...pipeline.encode(whole.slice(from, to)));
          from = to;
        }
        expect(ids).toEqual(pipeline.encode(whole));
      }),
      { numRuns: 500 },
    );
  });
});

describe('nextCut', () => {
  it('stops before a space that follows a printable ASCII character, and otherwise at the end', () => {
    expect(nextCut('The river is <mask> wide', 0)).toBe(3);
    expect(nextCut('The river is <mask> wide', 4)).toBe(9);
    expect(nextCut('The river is <mask> wide', 13)).toBe(19);
    const text = 'The  river\t is\u00a0 é wide';
    expect(nextCut(text, 0)).toBe(3);
    expect(nextCut(text, 4)).toBe(text.length);
  });
});
