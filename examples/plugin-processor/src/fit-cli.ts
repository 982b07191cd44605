#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs';
import { fit } from './fit';
import { writeWhitening } from './whitening';

const USAGE = `whitening-fit TEXTS OUT [MODEL]
  TEXTS  a file with a text a line, more lines than the model has dimensions
  OUT    where to write the fitted whitening; WHITENING_FILE then names it
  MODEL  default all-MiniLM-L6-v2
Asks the server at SUTRA_BASE_URL (default http://127.0.0.1:8080) for the vectors.`;

const AT_ONCE = 200;

async function main(texts: string, out: string, model: string): Promise<void> {
  const lines = readFileSync(texts, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const server = process.env['SUTRA_BASE_URL'] ?? 'http://127.0.0.1:8080';
  const vectors: Float32Array[] = [];
  for (let i = 0; i < lines.length; i += AT_ONCE) {
    const response = await fetch(`${server}/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ texts: lines.slice(i, i + AT_ONCE), model }),
    });
    if (!response.ok) throw new Error(`the server answered with status ${response.status}: ${await response.text()}`);
    const { embeddings } = (await response.json()) as { embeddings: number[][] };
    vectors.push(...embeddings.map((vector) => Float32Array.from(vector)));
  }
  const whitening = fit(model, vectors);
  writeFileSync(out, writeWhitening(whitening));
  console.log(`${out}: ${whitening.axes} axes of ${model}, fitted on ${vectors.length} texts`);
}

const [texts, out, model = 'all-MiniLM-L6-v2'] = process.argv.slice(2);
if (!texts || !out) {
  console.error(USAGE);
  process.exit(2);
}
main(texts, out, model).catch((error: Error) => {
  console.error(`whitening-fit: ${error.message}`);
  process.exit(1);
});
