// Searches a folder of text files by meaning.
//
// npx tsx semantic-search.ts ../texts "How do plants make food?"
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findMostSimilar, SutraEmbedder } from '@sutra-embedder/client';

interface Passage {
  readonly place: string;
  readonly text: string;
}

/** Every paragraph of every file, with where it is. */
function passagesIn(folder: string): Passage[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  return files.sort().flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n\n')
      .map((paragraph, i) => ({ place: `${name}, paragraph ${i + 1}`, text: paragraph.replace(/\s+/g, ' ').trim() }))
      .filter(({ text }) => text !== ''),
  );
}

const [folder, question] = process.argv.slice(2);
if (folder === undefined || question === undefined) {
  console.error('usage: semantic-search.ts FOLDER "QUESTION"');
  process.exit(2);
}
const passages = passagesIn(folder);
if (passages.length === 0) {
  console.error(`${folder} holds no .txt file with text in it`);
  process.exit(1);
}

const client = new SutraEmbedder();
const vectors = await client.embedMany(passages.map(({ text }) => text)).all();
const asked = await client.embed(question);
for (const { index, score } of findMostSimilar(asked.embeddings[0], vectors, 3)) {
  const { place, text } = passages[index];
  console.log(`${score.toFixed(3)}  ${place}\n       ${text}\n`);
}
