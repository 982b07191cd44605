// Times the fast WordPiece tokenizer against the general one on a file of texts, one a line, alternating between them.
//
//   node tools/time-tokenizer.mjs texts.txt [rounds = 7]
//
// Needs a build. Prints the median round of each in processor time, all threads of the process together.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { GeneralTokenizer, WordPieceTokenizer, parseTokenizerFile, readWordPieceConfig } = createRequire(
  import.meta.url,
)(join(root, 'libs/engine/dist/tokenization/index.js'));
const [path, rounds = '7'] = process.argv.slice(2);
const texts = readFileSync(path, 'utf8').split('\n').filter(Boolean);
const file = parseTokenizerFile(readFileSync(join(root, 'models/all-MiniLM-L6-v2/tokenizer.json'), 'utf8'));
const tokenizers = {
  fast: new WordPieceTokenizer(readWordPieceConfig(file)),
  general: await GeneralTokenizer.create(file),
};

const times = { fast: [], general: [] };
let tokens = 0;
for (let round = 0; round < Number(rounds); round++) {
  for (const [name, tokenizer] of Object.entries(tokenizers)) {
    const passes = name === 'fast' ? 20 : 2;
    const start = process.cpuUsage();
    for (let pass = 0; pass < passes; pass++) {
      tokens = 0;
      for (const text of texts) tokens += tokenizer.encode(text, 256, 'end').ids.length;
    }
    const { user, system } = process.cpuUsage(start);
    times[name].push((user + system) / 1000 / passes);
  }
}
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
for (const [name, list] of Object.entries(times)) {
  const ms = median(list);
  const perText = ((ms * 1000) / texts.length).toFixed(2);
  console.log(
    `${name}: ${(tokens / ms / 1000).toFixed(2)} million tokens/s, ${perText} microseconds a text, best ${list[0].toFixed(1)} ms a pass`,
  );
}
console.log(`ratio: ${(median(times.general) / median(times.fast)).toFixed(1)}`);
