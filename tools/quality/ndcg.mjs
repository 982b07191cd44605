/**
 * Normalized discounted cumulative gain of one query at a cutoff, 0 to 1, with linear gains as BEIR computes it. Equal
 * scores keep the documents' order, so that a coarse code gains nothing by luck. 0 when nothing is relevant.
 * @param {ArrayLike<number>} scores one a document
 * @param {ReadonlyMap<number, number>} relevant grade by document index; what is missing has grade 0
 * @param {number} cutoff
 * @returns {number}
 */
export function ndcg(scores, relevant, cutoff = 10) {
  const ideal = gain([...relevant.values()].sort((a, b) => b - a).slice(0, cutoff));
  if (ideal === 0) return 0;
  return gain(best(scores, cutoff).map((document) => relevant.get(document) ?? 0)) / ideal;
}

/** @param {number[]} grades by rank */
function gain(grades) {
  return grades.reduce((sum, grade, rank) => sum + grade / Math.log2(rank + 2), 0);
}

/**
 * Indexes of the highest scores, highest first.
 * @param {ArrayLike<number>} scores
 * @param {number} count
 */
function best(scores, count) {
  return Array.from(scores, (_, index) => index)
    .sort((i, j) => scores[j] - scores[i] || i - j)
    .slice(0, count);
}
