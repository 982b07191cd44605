import fc from 'fast-check';
import { parseTokenizerFile } from './tokenizer-file';
import { UnigramModel } from './unigram-model';

const vocabulary: [string, number][] = [
  ['<unk>', 0],
  ['a', -2],
  ['b', -3],
  ['ab', -4.5],
  ['bab', -5],
  ['\u{20000}a', -1],
  ['<0xE2>', -9],
  ['<0x98>', -9],
  ['<0x83>', -9],
];
const modelOf = (byte_fallback: boolean) => {
  const model = UnigramModel.of(
    parseTokenizerFile(JSON.stringify({ model: { type: 'Unigram', unk_id: 0, vocab: vocabulary, byte_fallback } })),
  );
  if (model === null) throw new Error('the model was declined');
  return (word: string) => {
    const ids: number[] = [];
    model.encode(word, ids);
    return ids;
  };
};

describe('UnigramModel', () => {
  const encode = modelOf(false);

  it('finds a cut of the best score', () => {
    const score = (ids: readonly number[]) => ids.reduce((sum, id) => sum + (vocabulary[id]?.[1] ?? 0), 0);
    const cuts = (text: string): number[][] =>
      text === ''
        ? [[]]
        : vocabulary.flatMap(([piece], id) =>
            id > 0 && text.startsWith(piece) ? cuts(text.slice(piece.length)).map((rest) => [id, ...rest]) : [],
          );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '\u{20000}a'), maxLength: 9 }), (word) => {
        const ids = encode(word);
        expect(ids.map((id) => vocabulary[id]?.[0]).join('')).toBe(word);
        expect(score(ids)).toBeCloseTo(Math.max(...cuts(word).map(score)), 9);
      }),
    );
  });

  it('gives a run of unknown characters one id, or their bytes where all of them have pieces', () => {
    expect(encode('a☃☃b\u{1f600}')).toEqual([1, 0, 2, 0]);
    expect(modelOf(true)('a☃b\u{1f600}')).toEqual([1, 6, 7, 8, 2, 0]);
  });

  it('takes a very long word', () => {
    expect(encode('ab'.repeat(200_000))).toHaveLength(200_000);
  });
});
