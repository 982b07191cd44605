// Groups sentences by meaning and draws them.
//
// npx tsx clustering.ts clusters.svg
import { writeFileSync } from 'node:fs';
import { cosineSimilarity, SutraEmbedder } from '@sutra-embedder/client';
import { plane } from './plane.ts';
import { scatterPlot } from './scatter-plot.ts';

const SENTENCES = [
  'The goalkeeper saved a late penalty.',
  'Two runners broke the marathon record.',
  'The team won the cup after extra time.',
  'She serves faster than any player on the tour.',
  'Simmer the sauce until it coats a spoon.',
  'Knead the dough for ten minutes and let it rest.',
  'Roast the carrots with cumin and honey.',
  'A pinch of salt brings out the taste of chocolate.',
  'The telescope photographed a distant galaxy.',
  'The probe will orbit the moon of Jupiter.',
  'Astronomers found a planet around a red dwarf.',
  'A comet passes close to the sun this autumn.',
];

/** The place of the greatest of some numbers. */
const greatest = (numbers: number[]) => numbers.indexOf(Math.max(...numbers));

/** Starting points: the first vector, then each time the one least like those chosen. */
function farthestApart(vectors: Float32Array[], count: number): Float32Array[] {
  const chosen = [vectors[0]];
  while (chosen.length < count) {
    const distances = vectors.map((vector) => -Math.max(...chosen.map((other) => cosineSimilarity(vector, other))));
    chosen.push(vectors[greatest(distances)]);
  }
  return chosen;
}

function mean(vectors: Float32Array[]): Float32Array {
  return vectors[0].map((_, i) => vectors.reduce((sum, vector) => sum + vector[i], 0) / vectors.length);
}

/** Which cluster each vector belongs to. */
function kMeans(vectors: Float32Array[], count: number): number[] {
  let centers = farthestApart(vectors, count);
  let labels: number[] = [];
  for (let round = 0; round < 20; round++) {
    labels = vectors.map((vector) => greatest(centers.map((center) => cosineSimilarity(vector, center))));
    centers = centers.map((_, label) => mean(vectors.filter((_, i) => labels[i] === label)));
  }
  return labels;
}

const target = process.argv[2] ?? 'clusters.svg';
const { embeddings } = await new SutraEmbedder().embed(SENTENCES);
const vectors = [...embeddings];
const labels = kMeans(vectors, 3);
for (const label of [0, 1, 2]) {
  const own = SENTENCES.filter((_, i) => labels[i] === label);
  console.log([`cluster ${label}:`, ...own].join('\n  '));
}
const points = plane(vectors).map((point, i) => ({ ...point, text: SENTENCES[i], label: labels[i] }));
writeFileSync(target, scatterPlot('Sentences by meaning', points));
console.log(`drawn to ${target}`);
