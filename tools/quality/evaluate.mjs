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
  const [a, b] = [unitRows(first), unitRows(second)];
  const cosines = Array.from(scores, (_, row) => dot(a, row, b, row, first.dimensions));
  return spearman(cosines, scores);
}

/**
 * Mean nDCG@10 over queries, documents ranked by cosine similarity.
 * @param {readonly ReadonlyMap<number, number>[]} relevant
 * @param {Vectors} queries
 * @param {Vectors} documents
 */
export function retrievalQuality(relevant, queries, documents) {
  const [a, b] = [unitRows(queries), unitRows(documents)];
  const scores = new Float64Array(documents.rows);
  let sum = 0;
  for (const [query, grades] of relevant.entries()) {
    for (let row = 0; row < documents.rows; row++) {
      scores[row] = Math.round(TIE * dot(a, query, b, row, documents.dimensions));
    }
    sum += ndcg(scores, grades);
  }
  return sum / relevant.length;
}

/** @param {Vectors} vectors */
export function bytesPerVector({ codes, dimensions }) {
  return codes ? codes.bytesPerVector : dimensions * Float32Array.BYTES_PER_ELEMENT;
}

/** Cosines that agree to twelve digits are equal: sums of equal codes differ by rounding alone. */
const TIE = 1e12;

/** Rows of length 1 in float64, so that a dot product is the cosine; zero rows stay zero. */
function unitRows({ rows, dimensions, values }) {
  const units = Float64Array.from(values);
  for (let start = 0; start < rows * dimensions; start += dimensions) {
    const row = units.subarray(start, start + dimensions);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) for (let i = 0; i < dimensions; i++) row[i] /= length;
  }
  return units;
}

function dot(a, rowA, b, rowB, dimensions) {
  const [startA, startB] = [rowA * dimensions, rowB * dimensions];
  // Four sums, so that additions need not wait for each other.
  let s = 0;
  let t = 0;
  let u = 0;
  let v = 0;
  let i = 0;
  for (; i + 4 <= dimensions; i += 4) {
    s += a[startA + i] * b[startB + i];
    t += a[startA + i + 1] * b[startB + i + 1];
    u += a[startA + i + 2] * b[startB + i + 2];
    v += a[startA + i + 3] * b[startB + i + 3];
  }
  for (; i < dimensions; i++) s += a[startA + i] * b[startB + i];
  return s + t + (u + v);
}
