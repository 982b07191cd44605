/** Nearest-rank percentile. @param {readonly number[]} sorted ascending @param {number} share in (0, 1] */
export function percentile(sorted, share) {
  if (sorted.length === 0) return NaN;
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param {readonly number[]} values */
export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Ratios of each measurement to the mean of the reference runs just before and after it, so that a machine that slows
 * down or is shared with others slows both sides.
 * @param {readonly number[]} measured n values
 * @param {readonly number[]} reference n + 1 values, taken around them
 * @returns {{ median: number, least: number, most: number, low: number, high: number }} `low` and `high`: where the median
 *   of all such runs lies with 95 % confidence, by the ranks of these
 */
export function interleavedRatio(measured, reference) {
  if (reference.length !== measured.length + 1) throw new Error('Each measurement needs a reference run on both sides');
  const ratios = measured.map((value, i) => value / mean([reference[i], reference[i + 1]]));
  const sorted = [...ratios].sort((a, b) => a - b);
  const n = sorted.length;
  // The count of runs below the true median is binomial, about normal.
  const low = Math.max(0, Math.floor(n / 2 - 0.98 * Math.sqrt(n)));
  const [least, most] = [sorted[0], sorted[n - 1]];
  return { median: median(ratios), least, most, low: sorted[low], high: sorted[n - 1 - low] };
}

/**
 * The delay within which the loop was free again for that share of the time: a long delay counts for as long as it
 * lasted, as it does for whoever comes while it lasts.
 * @param {readonly number[]} sorted delays, ascending
 * @param {number} share in (0, 1]
 */
export function timeWeightedPercentile(sorted, share) {
  const total = sorted.reduce((sum, delay) => sum + delay, 0);
  let passed = 0;
  for (const delay of sorted) {
    passed += delay;
    if (passed >= share * total) return delay;
  }
  return sorted.at(-1) ?? NaN;
}

/** Median, least and most of CPU microseconds, for a line of a report. */
export function spread(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  return `${median(figures).toFixed(0)} us (${sorted[0].toFixed(0)} to ${sorted.at(-1).toFixed(0)})`;
}

/**
 * Answers a second of a load. On one connection the time between the first answer and the last is exact, where the edges of
 * the window are not. On several it is not: their answers may come together, and two of them say nothing of a rate.
 * @param {{ counted: number, span: number, seconds: number, connections: number }} run `span`: seconds from the first
 *   answer to the last; `seconds`: the window's
 */
export function answersPerSecond({ counted, span, seconds, connections }) {
  return connections === 1 && counted > 1 ? (counted - 1) / span : counted / seconds;
}
