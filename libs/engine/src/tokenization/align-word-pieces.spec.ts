import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TextToken } from '../contracts';
import { BertCharacters } from './bert-characters';
import { createTokenizer } from './load-tokenizer';
import { parseTokenizerFile } from './tokenizer-file';

const root = join(__dirname, '../../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const shipped = () => parseTokenizerFile(read('models/all-MiniLM-L6-v2/tokenizer.json'));

const inCodePoints = (text: string, unit: number) => [...text.slice(0, unit)].length;
const offsetsOf = (text: string, tokens: readonly TextToken[]) =>
  tokens.filter(({ special }) => !special).map(({ span }) => span?.map((unit) => inCodePoints(text, unit)));

describe('where tokens stand in a text', () => {
  const adversarial = JSON.parse(read('test/golden/wordpiece-adversarial.json')) as {
    text: string;
    ids: number[];
    offsets: number[];
  }[];

  it('is what the reference says, but for texts with one of the marks that change places', async () => {
    const tokenizer = await createTokenizer(shipped());
    const characters = new BertCharacters({
      cleanText: true,
      handleChineseChars: true,
      stripAccents: true,
      lowercase: true,
    });
    let known = 0;
    for (const { text, ids, offsets } of adversarial) {
      const tokens = tokenizer.tokens(text);
      expect(tokens.map(({ id }) => id)).toEqual(ids);
      const ours = offsetsOf(text, tokens);
      if ([...text].some((character) => characters.reorders(character.codePointAt(0) ?? 0))) {
        expect(ours.every((span) => span === undefined)).toBe(true);
        continue;
      }
      known++;
      expect({ text, offsets: ours.flat() }).toEqual({ text, offsets });
    }
    expect([adversarial.length, known]).toEqual([500, 415]);
  });

  it('comes with the pieces, and marks what the model puts around a text', async () => {
    const tokenizer = await createTokenizer(shipped());
    expect(tokenizer.tokens('Café [SEP] embeddings')).toEqual([
      { id: 101, piece: '[CLS]', special: true, span: undefined },
      { id: 7668, piece: 'cafe', special: false, span: [0, 4] },
      { id: 102, piece: '[SEP]', special: false, span: [5, 10] },
      { id: 7861, piece: 'em', special: false, span: [11, 13] },
      { id: 8270, piece: '##bed', special: false, span: [13, 16] },
      { id: 4667, piece: '##ding', special: false, span: [16, 20] },
      { id: 2015, piece: '##s', special: false, span: [20, 21] },
      { id: 102, piece: '[SEP]', special: true, span: undefined },
    ]);
  });

  it('has no special tokens where a model is run without them', async () => {
    const tokenizer = await createTokenizer(shipped(), { specialTokens: false });
    expect(tokenizer.tokens('hello').map(({ special, span }) => [special, span])).toEqual([[false, [0, 5]]]);
  });

  it('is not known to other kinds of tokenizers, which still name the pieces', async () => {
    const tokenizer = await createTokenizer(parseTokenizerFile(read('test/fixtures/tokenizers/unigram.json')));
    const tokens = tokenizer.tokens('The river');
    expect(tokens.every(({ span, piece }) => span === undefined && piece !== '')).toBe(true);
    expect(tokens.map(({ id }) => id)).toEqual([...tokenizer.encode('The river', 0, 'none').ids]);
  });
});

describe('decoding', () => {
  it('keeps special tokens where that is asked for', async () => {
    const tokenizer = await createTokenizer(shipped());
    const { ids } = tokenizer.encode('Hello world!', 16, 'end');
    expect(tokenizer.decode(ids)).toBe('hello world!');
    expect(tokenizer.decode(ids, 'kept')).toBe('[CLS] hello world! [SEP]');
  });
});
