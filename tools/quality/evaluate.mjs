import { ndcg } from './ndcg.mjs';
import { spearman } from './spearman.mjs';

/**
 * Vectors of several texts, one after the other.
 * @typedef {{ rows: number, dimensions: number, values: Float32Array, codes?: { bytesPerVector: number } }} Vectors
 */

/**
 * Spearman's correlation of cosine similarity with the scores of pairs.
 * @param {ArrayLike<number>} scores
 * @param {Vectors} first
 * @param {Vectors} second
 */
export function pairQuality(scores, first, second) {
  const cosines = Array.from(scores, (_, row) => cosine(first, row, second, row));
  return spearman(cosines, scores);
}

/**
 * Mean nDCG@10 over queries, documents ranked by cosine similarity.
 * @param {readonly ReadonlyMap<number, number>[]} relevant
 * @param {Vectors} queries
 * @param {Vectors} documents
 */
export function retrievalQuality(relevant, queries, documents) {
  let sum = 0;
  const scores = new Float64Array(documents.rows);
  for (const [query, grades] of relevant.entries()) {
    for (let row = 0; row < documents.rows; row++) scores[row] = cosine(queries, query, documents, row);
    sum += ndcg(scores, grades);
  }
  return sum / relevant.length;
}

/** @param {Vectors} vectors */
export function bytesPerVector({ codes, dimensions }) {
  return codes ? codes.bytesPerVector : dimensions * Float32Array.BYTES_PER_ELEMENT;
}

/** Cosine similarity of two rows, summed in float64; 0 when either is zero. */
function cosine(a, rowA, b, rowB) {
  const [startA, startB] = [rowA * a.dimensions, rowB * b.dimensions];
  let [dot, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < a.dimensions; i++) {
    const [x, y] = [a.values[startA + i], b.values[startB + i]];
    dot += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return dot === 0 ? 0 : dot / Math.sqrt(squaresA * squaresB);
}
