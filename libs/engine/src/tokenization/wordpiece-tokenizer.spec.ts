import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { GeneralTokenizer } from './general-tokenizer';
import { parseTokenizerFile, type TokenizerFile } from './tokenizer-file';
import { readWordPieceConfig } from './wordpiece-config';
import { WordPieceTokenizer } from './wordpiece-tokenizer';

const root = join(__dirname, '../../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const shipped = read('models/all-MiniLM-L6-v2/tokenizer.json');

/** The shipped tokenizer.json, changed. */
function variant(normalizer: object = {}, addedTokens: readonly object[] = []): TokenizerFile {
  const json = JSON.parse(shipped) as { normalizer: object; added_tokens: object[] };
  Object.assign(json.normalizer, normalizer);
  json.added_tokens.push(...addedTokens);
  return parseTokenizerFile(JSON.stringify(json));
}

function fastOf(file: TokenizerFile): WordPieceTokenizer {
  const config = readWordPieceConfig(file);
  if (config === null) throw new Error('the configuration was declined');
  return new WordPieceTokenizer(config);
}

const [CLS, SEP, UNK, MASK] = [101, 102, 100, 103];
const added = { single_word: false, lstrip: false, rstrip: false, special: false };

const fast = fastOf(variant());
const idsOf = (text: string) => [...fast.encode(text, 512, 'none').ids];

describe('the reference ids', () => {
  const golden = JSON.parse(read('test/golden/all-MiniLM-L6-v2.json')) as {
    max_seq_length: number;
    items: { text: string; token_ids: number[] }[];
  };
  const adversarial = JSON.parse(read('test/golden/wordpiece-adversarial.json')) as { text: string; ids: number[] }[];

  it.each(['fast', 'general'])('are what the %s tokenizer gives', async (which) => {
    const tokenizer = which === 'fast' ? fast : await GeneralTokenizer.create(variant());
    expect(golden.items).toHaveLength(73);
    for (const { text, token_ids } of golden.items) {
      expect([...tokenizer.encode(text, golden.max_seq_length, 'end').ids]).toEqual(token_ids);
    }
    expect(adversarial).toHaveLength(500);
    for (const { text, ids } of adversarial) {
      expect({ text, ids: [...tokenizer.encode(text, 0, 'none').ids] }).toEqual({ text, ids });
    }
  });
});

describe('any text', () => {
  const pieces = fc.oneof(
    fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
    fc.string({ unit: 'binary-ascii', maxLength: 8 }),
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.constantFrom(...'[CLS] [SEP] [MASK] [UNK] [cls] [MAS\u212a] [[SEP]] <unk> <UNK> \u226eunk> zq Blorp'.split(' ')),
    fc.constantFrom(
      ' ',
      '\t',
      '\r\n',
      '\v',
      '\u0085',
      '\u00a0',
      '\u2028',
      '\u3000',
      '\u200b',
      '\ufeff',
      '\0',
      '\ufffd',
    ),
    fc.constantFrom('ΟΔΟΣ', 'İ', 'ẞ', 'é', 'e\u0301\u0323', '㐀', '豈', '\u{20000}', '\u{2f800}', '한국', '👩‍👩‍👧', '𝔘'),
    // Marks that are kept and take part in canonical ordering.
    fc.constantFrom(
      '\u302e\u0301',
      'a\u0301\u302e',
      '\u{1d15e}\u0323',
      '\u{1e000}',
      '\u1b44\u0334',
      '\ud800',
      '\udc00x',
    ),
    fc.integer({ min: 97, max: 103 }).map((length) => 'é'.repeat(length)),
    fc.string({ unit: fc.constantFrom('a', 'un', 'able', '##', 'ing', "'", 'I'), maxLength: 30 }),
  );
  const text = fc
    .array(fc.tuple(pieces, fc.constantFrom('', '', ' ')), { maxLength: 10 })
    .map((parts) => parts.flat().join(''));

  it.each([
    ['the shipped file', variant()],
    ['case kept', variant({ lowercase: false })],
    ['accents kept', variant({ strip_accents: false })],
    ['case kept, accents stripped', variant({ lowercase: false, strip_accents: true })],
    ['neither cleaned nor set apart', variant({ clean_text: false, handle_chinese_chars: false })],
    [
      'more added tokens',
      variant({}, [
        { ...added, id: 30522, content: '<mask>', normalized: false, lstrip: true, special: true },
        { ...added, id: 30523, content: '<UNK>', normalized: true, rstrip: true },
        { ...added, id: 30524, content: 'Blorp', normalized: true, single_word: true },
        { ...added, id: 30525, content: 'zq', normalized: false, single_word: true },
      ]),
    ],
  ])('has the same ids through the fast and the general tokenizer: %s', async (_name, file) => {
    const quick = fastOf(file);
    const general = await GeneralTokenizer.create(file);
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 2, max: 30 }),
        fc.constantFrom('start', 'end', 'none'),
        (input, limit, side) => {
          const encoded = quick.encode(input, limit, side);
          expect(encoded).toEqual(general.encode(input, limit, side));
          expect(quick.decode(encoded.ids)).toBe(general.decode(encoded.ids));
        },
      ),
      { numRuns: 700 },
    );
  });

  it('is truncated to what its whole encoding holds, special tokens kept', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 30 }), (input, limit) => {
        const whole = fast.encode(input, limit, 'none');
        const inner = [...whole.ids].slice(1, -1);
        const truncated = inner.length > limit - 2;
        expect(whole.truncated).toBe(false);
        expect(fast.encode(input, limit, 'end')).toEqual({
          ids: Int32Array.of(CLS, ...inner.slice(0, limit - 2), SEP),
          truncated,
        });
        expect(fast.encode(input, limit, 'start')).toEqual({
          ids: Int32Array.of(CLS, ...(truncated ? inner.slice(inner.length - (limit - 2)) : inner), SEP),
          truncated,
        });
        expect(fast.wrap(inner, limit, 'start')).toEqual(fast.encode(input, limit, 'start'));
      }),
    );
  });
});

describe('WordPieceTokenizer', () => {
  it('leaves an empty text with its special tokens', () => {
    for (const text of ['', ' \t\n', '\u200b\0']) expect(idsOf(text)).toEqual([CLS, SEP]);
  });

  it('lowercases a final Greek sigma as any other, as the reference does', () => {
    expect(idsOf('ΟΔΟΣ')).toEqual(idsOf('οδοσ'));
    expect(idsOf('ΟΔΟΣ')).not.toEqual(idsOf('οδος'));
  });

  it('takes special tokens written in a text for what they are, but only as they are written', () => {
    expect(idsOf('a[MASK]b')).toEqual([CLS, 1037, MASK, 1038, SEP]);
    expect(idsOf('[mask]')).not.toContain(MASK);
    expect(idsOf('[MAS\u212a]')).not.toContain(MASK);
  });

  it('gives up on a word of more than 100 characters, however many bytes or marks it has', () => {
    expect(idsOf('a'.repeat(101))).toEqual([CLS, UNK, SEP]);
    expect(idsOf('a'.repeat(100))).not.toContain(UNK);
    expect(idsOf('a\u0301'.repeat(100))).toEqual(idsOf('a'.repeat(100)));
  });

  it('stops reading once the limit is passed', () => {
    const end = 'word '.repeat(10);
    let read = 0;
    const counting = new Proxy(new String(end.repeat(1000)), {
      get: (target, key) => {
        if (key === 'charCodeAt') return (index: number) => ((read = Math.max(read, index)), target.charCodeAt(index));
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    }) as unknown as string;
    expect(fast.encode(counting, 12, 'end').truncated).toBe(true);
    expect(read).toBeLessThan(60);
  });

  it('returns ids that later calls leave alone', () => {
    const first = fast.encode('hello world', 16, 'end').ids;
    const copy = [...first];
    fast.encode('something else entirely', 16, 'end');
    expect([...first]).toEqual(copy);
  });

  it('reads ids back as text without special tokens', () => {
    expect(fast.decode(fast.encode("Hello, unbelievable world! It's me.", 32, 'end').ids)).toBe(
      "hello, unbelievable world! it ' s me.",
    );
    expect(fast.decode([])).toBe('');
    expect(fast.decode([7592, 999_999, 2088])).toBe('hello world');
  });

  it('refuses a limit without room for the special tokens, and ids outside its vocabulary', () => {
    expect(fast.encode('a', 2, 'end').ids).toEqual(Int32Array.of(CLS, SEP));
    for (const limit of [1, 0, -1, 2.5, NaN]) {
      expect(() => fast.encode('a', limit, 'end')).toThrow(/must be an integer of at least 2/);
    }
    expect(fast.vocabularySize).toBe(30522);
    for (const id of [-1, 30522, 1.5]) expect(() => fast.wrap([id], 8, 'end')).toThrow(/integers from 0 to 30521/);
  });
});
