// Compares the fast WordPiece tokenizer with the general one on random strings, over several configurations.
//
//   node tools/fuzz-tokenizer.mjs [count = 100000] [--seed n] [--write directory]
//
// Needs a build. Exits 1 on any difference. With --write, each configuration's tokenizer.json, the strings and the ids
// are left in the directory for tools/compare-tokenizer.py, which holds them against the Python reference.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { GeneralTokenizer, WordPieceTokenizer, parseTokenizerFile, readWordPieceConfig } = createRequire(
  import.meta.url,
)(join(root, 'libs/engine/dist/tokenization/index.js'));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' }, write: { type: 'string' } },
});
const count = Number(positionals[0] ?? 100_000);

/** mulberry32: the same strings everywhere for a seed. */
let state = Number(values.seed);
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];
const char = (first, last) => String.fromCodePoint(first + below(last - first + 1));
const times = (n, make) => Array.from({ length: n }, make).join('');

const base = readFileSync(join(root, 'models/all-MiniLM-L6-v2/tokenizer.json'), 'utf8');
const vocabulary = Object.keys(JSON.parse(base).model.vocab);

/** Kinds of pieces that a string is put together from; each kind has broken some tokenizer. */
const pieces = [
  () => pick(vocabulary).replace(/^##/, ''),
  () => pick(vocabulary),
  () => pick(vocabulary).toUpperCase(),
  () => times(1 + below(8), () => char(0x61, 0x7a)),
  () => times(1 + below(5), () => char(0x21, 0x7e)),
  () => char(0x00, 0xff),
  () => pick(['!', '#', '##', '[', ']', '<', '>', "'", '_', '^', '$', '+', '`', '~', '|']),
  () => pick(['[CLS]', '[SEP]', '[MASK]', '[UNK]', '[PAD]', '[cls]', '[Mask]', '[CLS', 'CLS]', '[[CLS]]', '[ MASK ]']),
  () =>
    pick([
      '[MAS\u212a]',
      '[CL\u017f]',
      '\uff3bCLS\uff3d',
      '[UN\u030aK]',
      '<unk>',
      '<UNK>',
      '\u226eunk>',
      '<mask>',
      '<u\u0301nk>',
      '[X1]',
      'zq',
      'The',
      ' The\u0301',
      'blorp',
      'bl\u00f3rp\t',
      'BLORP\u200dblorp',
    ]),
  () =>
    pick(['\t', '\n', '\r', '\v', '\f', '\x85', '\xa0', '\u1680', '\u2003', '\u2028', '\u202f', '\u3000', '\u180e']),
  () => pick(['\0', '\x1c', '\x7f', '\xad', '\u200b', '\u200d', '\u2060', '\ufeff', '\ufffd', '\ue000', '\ufff9']),
  () => pick([...'éÀñüßẞÅåøŁđœÆİıǅſÿ']),
  () => pick([...'ΣςσΑΣΟΔΟΣάΰЖщЙё']),
  () => pick([...'aeouAEOnN']) + times(1 + below(3), () => char(0x300, 0x36f)),
  () => char(0x4e00, 0x9fff),
  () =>
    pick([
      char(0x3400, 0x4dbf),
      char(0xf900, 0xfaff),
      char(0x20000, 0x2a6df),
      char(0x2a6d0, 0x2b840),
      char(0x2f800, 0x2fa1f),
    ]),
  () => pick([char(0x3040, 0x30ff), char(0xac00, 0xd7a3), char(0x1100, 0x11ff), char(0xff00, 0xffef)]),
  () => pick([char(0x600, 0x6ff), char(0x900, 0xdff), char(0xe00, 0xeff), char(0x10a0, 0x10ff), char(0x1e00, 0x1fff)]),
  () => pick(['👍', '👩‍👩‍👧', '🏳️‍🌈', '☃', '❤️', '🇩🇪', '1️⃣', '𝔘', '𝟙', '🥹']),
  // Marks that stay in the text and are reordered.
  () =>
    pick(['\u1b44', '\u302e', '\u{1d165}', '\u{1d16d}', '\u{1d15e}', '\u{1e000}', '\ua953', '\u08d4']) +
    times(below(3), () => char(0x300, 0x345)),
  () => pick([char(0x2000, 0x2bff), char(0xa000, 0xabff), char(0x10000, 0x11fff), char(0x1d000, 0x1ffff)]),
  () => String.fromCodePoint(pick([below(0xd800), 0xe000 + below(0x102000)])),
  () => times(pick([98, 99, 100, 101, 102, 300]), () => pick(['a', 'b', 'é', 'x\u0301'])),
];

function text() {
  const plain = random() < 0.15;
  return times(
    below(plain ? 40 : 14),
    () => (plain ? pieces[below(7)] : pick(pieces))() + (random() < 0.45 ? ' ' : ''),
  );
}

/** Each with the ways in which it departs from all-MiniLM-L6-v2's tokenizer.json. */
const extraTokens = [
  { id: 30522, content: '<mask>', single_word: false, lstrip: true, rstrip: true, normalized: false, special: true },
  { id: 30523, content: '<UNK>', single_word: false, lstrip: false, rstrip: true, normalized: true, special: false },
  { id: 30524, content: '[X1]', single_word: false, lstrip: true, rstrip: false, normalized: true, special: false },
  { id: 30525, content: 'Blorp', single_word: true, lstrip: true, rstrip: true, normalized: true, special: false },
  { id: 30526, content: 'The', single_word: true, lstrip: false, rstrip: false, normalized: false, special: false },
  { id: 30527, content: 'zq', single_word: false, lstrip: false, rstrip: false, normalized: false, special: false },
];
const configurations = {
  'as shipped': () => {},
  'added tokens': (file) => file.added_tokens.push(...extraTokens),
  cased: (file) => (file.normalizer.lowercase = false),
  'lowercase, accents kept': (file) => (file.normalizer.strip_accents = false),
  'cased, accents stripped': (file) => Object.assign(file.normalizer, { lowercase: false, strip_accents: true }),
  'not cleaned': (file) => Object.assign(file.normalizer, { clean_text: false, handle_chinese_chars: false }),
};

let different = 0;
for (const [name, change] of Object.entries(configurations)) {
  const json = JSON.parse(base);
  change(json);
  // The reference would apply them.
  json.padding = json.truncation = null;
  const file = parseTokenizerFile(JSON.stringify(json));
  const fast = new WordPieceTokenizer(readWordPieceConfig(file));
  const general = await GeneralTokenizer.create(file);
  const share = Math.ceil(count / Object.keys(configurations).length);
  const found = { strings: 0, ids: 0, unknown: 0, different: 0 };
  const lines = [];
  for (; found.strings < share; found.strings++) {
    const input = text();
    const truncation = values.write ? 'none' : pick(['none', 'end', 'start']);
    const limit = 2 + below(40);
    const a = fast.encode(input, limit, truncation);
    const b = general.encode(input, limit, truncation);
    found.ids += a.ids.length;
    found.unknown += a.ids.filter((id) => id === 100).length;
    const same =
      a.truncated === b.truncated && a.ids.length === b.ids.length && a.ids.every((id, i) => id === b.ids[i]);
    const decoded = fast.decode(a.ids);
    if (!same || decoded !== general.decode(a.ids)) {
      if (found.different++ < 5)
        console.error(JSON.stringify({ name, input, limit, truncation, fast: [...a.ids], general: [...b.ids] }));
    }
    if (values.write) lines.push(JSON.stringify({ text: input, fast: [...a.ids], general: [...b.ids], decoded }));
  }
  console.log(name.padEnd(26), JSON.stringify(found));
  different += found.different;
  if (values.write) {
    const stem = join(values.write, name.replaceAll(/[ ,]+/g, '-'));
    mkdirSync(values.write, { recursive: true });
    writeFileSync(`${stem}.tokenizer.json`, JSON.stringify(json));
    writeFileSync(`${stem}.jsonl`, lines.join('\n'));
  }
}
console.log(different === 0 ? 'no difference' : `${different} strings differ`);
process.exitCode = different === 0 ? 0 : 1;
