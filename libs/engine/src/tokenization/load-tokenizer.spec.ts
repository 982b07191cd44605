import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelNotAvailableError } from '../errors';
import { GeneralTokenizer } from './general-tokenizer';
import { loadTokenizer } from './load-tokenizer';
import { WordPieceTokenizer } from './wordpiece-tokenizer';

const root = join(__dirname, '../../../..');

describe('loadTokenizer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokenizer-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const written = (content: string) => {
    const path = join(folder, 'tokenizer.json');
    writeFileSync(path, content);
    return path;
  };

  it('takes the fast tokenizer for BERT and the general one for the rest', async () => {
    const shipped = await loadTokenizer(join(root, 'models/all-MiniLM-L6-v2/tokenizer.json'));
    expect(shipped).toBeInstanceOf(WordPieceTokenizer);
    expect(shipped.encode('hello', 8, 'end').ids).toEqual(Int32Array.of(101, 7592, 102));
    const unigram = await loadTokenizer(join(root, 'test/fixtures/tokenizers/unigram.json'));
    expect(unigram).toBeInstanceOf(GeneralTokenizer);
  });

  it.each(['models/all-MiniLM-L6-v2/tokenizer.json', 'test/fixtures/tokenizers/unigram.json'])(
    'leaves special tokens out where they are not wanted: %s',
    async (path) => {
      const framed = (await loadTokenizer(join(root, path))).encode('hello river', 90, 'end').ids;
      const bare = await loadTokenizer(join(root, path), { specialTokens: false });
      expect(bare.encode('hello river', 90, 'end').ids).toEqual(framed.slice(1, -1));
      expect(bare.encode('', 9, 'end').ids).toHaveLength(0);
      expect(bare.wrap([5, 6], 9, 'end').ids).toEqual(Int32Array.of(5, 6));
      expect(bare.encode('hello river', 1, 'end')).toEqual({ ids: framed.slice(1, 2), truncated: true });
    },
  );

  it.each([
    ['no JSON', '{"model":', /not valid JSON/],
    ['no tokenizer', '{"vocab":{}}', /model/],
    [
      'a broken vocabulary',
      '{"model":{"type":"WordPiece","unk_token":"u","vocab":{"u":0.5}},"normalizer":{"type":"BertNormalizer"},"pre_tokenizer":{"type":"BertPreTokenizer"}}',
      /no whole number/,
    ],
  ])('says what is wrong with a file that is %s', async (_what, content, message) => {
    const loading = loadTokenizer(written(content));
    await expect(loading).rejects.toThrow(ModelNotAvailableError);
    await expect(loading).rejects.toThrow(message);
  });

  it('says that a file is missing without naming its path', async () => {
    const loading = loadTokenizer(join(folder, 'absent', 'tokenizer.json'));
    await expect(loading).rejects.toThrow(/cannot be read \(ENOENT\)/);
    await expect(loading).rejects.not.toThrow(folder);
  });
});
