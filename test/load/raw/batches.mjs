/**
 * Sorts texts by length and fills batches up to a budget: what a runtime can do at best when it knows all its work
 * beforehand.
 * @param {Int32Array} lengths tokens of each text
 * @param {number} budget most padded tokens of a batch; a longer text goes alone
 * @returns {Int32Array[]} indexes of each batch's texts, in an order in which any stretch is representative of all
 */
export function sortedBatches(lengths, budget) {
  const order = Int32Array.from(lengths.keys()).sort((a, b) => lengths[a] - lengths[b]);
  const batches = [];
  for (let end = order.length; end > 0;) {
    const longest = lengths[order[end - 1]];
    const rows = Math.min(end, Math.max(1, Math.floor(budget / longest)));
    batches.push(order.slice(end - rows, end));
    end -= rows;
  }
  return spreadOut(batches);
}

/** Steps through a list by the golden section, so that short and long batches alternate evenly. */
export function spreadOut(list) {
  const count = list.length;
  let step = Math.max(1, Math.round(count * 0.618034));
  while (greatestCommonDivisor(step, count) !== 1) step++;
  return Array.from({ length: count }, (_, i) => list[(i * step) % count]);
}

function greatestCommonDivisor(a, b) {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
