/**
 * Spearman's rank correlation, -1 to 1: Pearson's correlation of the ranks, equal values sharing their mean rank.
 * NaN when either list has one value only.
 * @param {ArrayLike<number>} a
 * @param {ArrayLike<number>} b of the same length
 * @returns {number}
 */
export function spearman(a, b) {
  if (a.length !== b.length) throw new RangeError(`Lists of ${a.length} and ${b.length} values cannot be correlated`);
  return pearson(ranks(a), ranks(b));
}

/** @param {ArrayLike<number>} values */
function ranks(values) {
  const order = Array.from(values, (_, index) => index).sort((i, j) => values[i] - values[j]);
  const result = new Float64Array(values.length);
  for (let first = 0; first < order.length;) {
    let end = first + 1;
    while (end < order.length && values[order[end]] === values[order[first]]) end++;
    for (let k = first; k < end; k++) result[order[k]] = (first + end - 1) / 2;
    first = end;
  }
  return result;
}

/**
 * @param {Float64Array} a
 * @param {Float64Array} b
 */
function pearson(a, b) {
  // Ranks of n values, ties or not, have the mean (n - 1) / 2.
  const mean = (a.length - 1) / 2;
  let [both, first, second] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    both += (a[i] - mean) * (b[i] - mean);
    first += (a[i] - mean) ** 2;
    second += (b[i] - mean) ** 2;
  }
  return both / Math.sqrt(first * second);
}
