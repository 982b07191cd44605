import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ModelNotAvailableError } from '../errors';
import { GeneralTokenizer } from './general-tokenizer';
import { cutsAreSafe } from './safe-cuts';
import { parseTokenizerFile } from './tokenizer-file';

const root = join(__dirname, '../../../..');
const fixture = (name: string) => readFileSync(join(root, 'test/fixtures/tokenizers', name), 'utf8');
const shipped = readFileSync(join(root, 'models/all-MiniLM-L6-v2/tokenizer.json'), 'utf8');

describe.each(['unigram', 'byte-bpe'])('GeneralTokenizer with a %s file', (name) => {
  const file = parseTokenizerFile(fixture(`${name}.json`));
  const expected = JSON.parse(fixture(`${name}.expected.json`)) as { text: string; ids: number[]; decoded: string }[];
  const [BEGIN, END] = [0, 2];

  it('gives the ids and texts of the reference', async () => {
    const tokenizer = await GeneralTokenizer.create(file);
    expect(expected.length).toBeGreaterThan(30);
    for (const { text, ids, decoded } of expected) {
      expect({ text, ids: [...tokenizer.encode(text, 0, 'none').ids] }).toEqual({ text, ids });
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
  });

  it('keeps the special tokens when it truncates, and wraps bare ids the same way', async () => {
    const tokenizer = await GeneralTokenizer.create(file);
    for (const { text, ids } of expected) {
      const inner = ids.slice(1, -1);
      const truncated = inner.length > 3;
      const end = { ids: Int32Array.of(BEGIN, ...inner.slice(0, 3), END), truncated };
      const start = { ids: Int32Array.of(BEGIN, ...inner.slice(Math.max(0, inner.length - 3)), END), truncated };
      expect(tokenizer.encode(text, 5, 'end')).toEqual(end);
      expect(tokenizer.encode(text, 5, 'start')).toEqual(start);
      expect(tokenizer.wrap(inner, 5, 'end')).toEqual(end);
      expect(tokenizer.wrap(inner, 5, 'start')).toEqual(start);
      expect(tokenizer.wrap(inner, 5, 'none')).toEqual({ ids: Int32Array.from(ids), truncated: false });
    }
  });

  it('gives a long text the same ids whether it is cut into parts or not', async () => {
    const cut = await GeneralTokenizer.create(file);
    // Forbids cuts but never matches: a text that holds it would rightly get other ids from a tokenizer without it. No
    // word below is as long as its last one, so none of the texts can.
    const token = {
      ...file.added_tokens[0],
      id: cut.vocabularySize,
      content: '\u{10fffd} never written',
      special: false,
      rstrip: true,
    };
    const uncuttable = parseTokenizerFile(JSON.stringify({ ...file, added_tokens: [...file.added_tokens, token] }));
    expect([cutsAreSafe(file), cutsAreSafe(uncuttable)]).toEqual([true, false]);
    const whole = await GeneralTokenizer.create(uncuttable);
    const words = fc.oneof(
      fc.constantFrom(
        'The river',
        "doesn't",
        ' ',
        '  ',
        '\n',
        '\t ',
        '\u00a0',
        '\u3000',
        '<mask>',
        '</s>',
        'Müller',
        '東京',
      ),
      fc.constantFrom('e \u0301', 'e\u0301', '☃', '\u2581', 'a\u2581 b', '...', '. ', 'x'.repeat(50)),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    const long = fc.array(words, { minLength: 20, maxLength: 60 }).map((parts) => parts.join(' ').repeat(40));
    fc.assert(
      fc.property(
        long,
        fc.integer({ min: 2, max: 2000 }),
        fc.constantFrom('start', 'end', 'none'),
        (text, limit, side) => {
          expect(cut.encode(text, limit, side)).toEqual(whole.encode(text, limit, side));
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('GeneralTokenizer', () => {
  it('ignores the padding and truncation that a file records', async () => {
    const json = JSON.parse(shipped) as { truncation: unknown; padding: unknown };
    expect(json.truncation).toMatchObject({ max_length: 128 });
    expect(json.padding).toMatchObject({ strategy: { Fixed: 128 } });
    const tokenizer = await GeneralTokenizer.create(parseTokenizerFile(shipped));
    expect(tokenizer.encode('hello', 256, 'end').ids).toEqual(Int32Array.of(101, 7592, 102));
    expect(tokenizer.encode('hello '.repeat(200), 256, 'end').ids).toHaveLength(202);
  });

  it('tokenizes no more of a megabyte than the limit needs', async () => {
    const tokenizer = await GeneralTokenizer.create(parseTokenizerFile(shipped));
    const text = 'hello world, '.repeat(100_000);
    let seen = 0;
    const counting = Object.assign(Object.create(null) as object, {
      length: text.length,
      toWellFormed: () => counting,
      indexOf: (what: string, from: number) => text.indexOf(what, from),
      charCodeAt: (index: number) => text.charCodeAt(index),
      slice: (from: number, to: number) => ((seen += to - from), text.slice(from, to)),
    });
    const encoded = tokenizer.encode(counting as unknown as string, 256, 'end');
    expect(encoded.truncated).toBe(true);
    expect(encoded.ids).toHaveLength(256);
    expect(seen).toBeLessThan(10_000);
  });

  // The pieces '.' and '..' make '...' in two ways of the same score; which one wins over a whole text is a matter of how
  // the sums before it were rounded. Ids of the reference.
  it.each([
    [true, [0, 4, 11, 4, 11, 4, 15, 63, 2]],
    [null, [0, 4, 11, 4, 11, 4, 15, 63, 2]],
    [undefined, [0, 4, 11, 4, 11, 4, 15, 63, 2]],
    [false, [0, 4, 11, 4, 11, 4, 63, 15, 2]],
  ])('searches each word by itself unless Metaspace says not to split: %s', async (split, ids) => {
    const json = JSON.parse(fixture('unigram.json')) as { pre_tokenizer: object };
    const metaspace = { ...json.pre_tokenizer, split };
    for (const pre_tokenizer of [metaspace, { type: 'Sequence', pretokenizers: [metaspace] }]) {
      const file = parseTokenizerFile(JSON.stringify({ ...json, pre_tokenizer }));
      const tokenizer = await GeneralTokenizer.create(file);
      expect([...tokenizer.encode('a a ...', 0, 'none').ids]).toEqual(ids);
      expect(cutsAreSafe(file)).toBe(split !== false);
    }
  });

  it('tokenizes a long text without a single space', async () => {
    const tokenizer = await GeneralTokenizer.create(parseTokenizerFile(fixture('unigram.json')));
    // The five characters are one piece of the fixture.
    expect(tokenizer.encode('東京の地図'.repeat(60_000), 0, 'none').ids).toHaveLength(60_002);
  });

  it('names the part of a file that it does not have', async () => {
    const json = JSON.parse(shipped) as { normalizer: unknown };
    json.normalizer = { type: 'Imaginary' };
    const created = GeneralTokenizer.create(parseTokenizerFile(JSON.stringify(json)));
    await expect(created).rejects.toThrow(ModelNotAvailableError);
    await expect(created).rejects.toThrow(/Imaginary/);
  });
});
