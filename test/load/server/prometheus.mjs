/**
 * Reads Prometheus' text format.
 * @param {string} text
 * @returns {Map<string, number>} by series, labels included as they stand
 */
export function parseMetrics(text) {
  const series = new Map();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const end = line.lastIndexOf(' ');
    series.set(line.slice(0, end), Number(line.slice(end + 1)));
  }
  return series;
}

/**
 * What a counter has grown by, summed over the series of that name.
 * @param {Map<string, number>} before
 * @param {Map<string, number>} after
 * @param {string} name
 * @param {string} [label] that the series must carry, e.g. `stage="queue"`
 */
export function growth(before, after, name, label = '') {
  let sum = 0;
  for (const [series, value] of after) {
    if (series !== name && !series.startsWith(`${name}{`)) continue;
    if (series.includes(label)) sum += value - (before.get(series) ?? 0);
  }
  return sum;
}

/** Node's histogram has the milliseconds between two looks at the clock, not by how much the second one was late. */
const LOOK_MS = 10;

/** 99th percentile of the event loop's delay in milliseconds. @param {Map<string, number>} metrics */
export function eventLoopP99(metrics) {
  return Math.max(0, metrics.get('nodejs_eventloop_lag_p99_seconds') * 1000 - LOOK_MS);
}
