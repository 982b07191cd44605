const WIDTH = 420;
const HEIGHT = 300;
const MARGIN = { left: 64, right: 16, top: 40, bottom: 48 };
const COLORS = ['#1f6fb2', '#d1622b', '#2f8f5b', '#8a56ac'];

/**
 * @typedef {object} Series
 * @property {string} label
 * @property {[number, number][]} points x and y, both above 0
 * @property {number} [limit] drawn as a dashed line at this height
 *
 * @typedef {object} Panel
 * @property {string} title
 * @property {string} x caption of the axis
 * @property {string} y caption of the axis
 * @property {Series[]} series
 */

/**
 * Panels side by side with logarithmic axes and one legend, as SVG.
 * @param {Panel[]} panels that show the same series
 * @returns {string}
 */
export function linePlots(panels) {
  const legend = panels[0].series.map(({ label }, i) => {
    const x = MARGIN.left + i * 150;
    return `<path d="M${x} 14h22" stroke="${COLORS[i % COLORS.length]}" stroke-width="2.5"/>${text(x + 28, 18, label)}`;
  });
  const dashed = panels.some(({ series }) => series.some(({ limit }) => limit !== undefined));
  if (dashed) {
    const x = MARGIN.left + legend.length * 150;
    legend.push(
      `<path d="M${x} 14h22" stroke="#777" stroke-dasharray="4 4"/>${text(x + 28, 18, 'limit of the runtime')}`,
    );
  }
  const width = Math.max(panels.length * WIDTH, MARGIN.left + legend.length * 150 + 20);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT + 30}" width="${width}" height="${HEIGHT + 30}" font-family="system-ui, sans-serif" font-size="12" fill="#333">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...legend,
    ...panels.map((panel, i) => `<g transform="translate(${i * WIDTH} 30)">${drawPanel(panel)}</g>`),
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, x, y, series }) {
  const points = series.flatMap((one) => one.points);
  const heights = [
    ...points.map((point) => point[1]),
    ...series.map(({ limit }) => limit).filter((limit) => limit > 0),
  ];
  const xScale = logScale(
    points.map((point) => point[0]),
    MARGIN.left,
    WIDTH - MARGIN.right,
    2,
  );
  const yScale = logScale(heights, HEIGHT - MARGIN.bottom, MARGIN.top, 10);
  const [left, right, top, bottom] = [MARGIN.left, WIDTH - MARGIN.right, MARGIN.top, HEIGHT - MARGIN.bottom];
  const ticksX = [...new Set(points.map((point) => point[0]))].sort((a, b) => a - b);
  return [
    text((left + right) / 2, 24, title, 'middle', ' font-weight="600"'),
    ...yScale.ticks.map((tick) => {
      const at = round(yScale.at(tick));
      return `<path d="M${left} ${at}H${right}" stroke="#e4e4e4"/>${text(left - 8, at + 4, tick.toLocaleString('en-US'), 'end')}`;
    }),
    ...ticksX.map((tick) => text(round(xScale.at(tick)), bottom + 18, String(tick), 'middle')),
    `<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="#999"/>`,
    text((left + right) / 2, HEIGHT - 8, x, 'middle'),
    text(14, (top + bottom) / 2, y, 'middle', ` transform="rotate(-90 14 ${(top + bottom) / 2})"`),
    ...series.map(({ points: line, limit }, i) =>
      drawSeries(line, limit, COLORS[i % COLORS.length], xScale, yScale, right),
    ),
  ].join('\n');
}

function drawSeries(points, limit, color, xScale, yScale, right) {
  const at = points.map(([x, y]) => [round(xScale.at(x)), round(yScale.at(y))]);
  const dashed =
    limit > 0
      ? `<path d="M${MARGIN.left} ${round(yScale.at(limit))}H${right}" stroke="${color}" stroke-dasharray="4 4" opacity="0.6"/>`
      : '';
  const dots = at.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${color}"/>`).join('');
  const line = at.map(([x, y]) => `${x} ${y}`).join('L');
  return `${dashed}<path d="M${line}" fill="none" stroke="${color}" stroke-width="2"/>${dots}`;
}

/**
 * A logarithmic axis from the power of `base` at or below the least value to the one at or above the largest.
 * @returns {{ at: (value: number) => number, ticks: number[] }}
 */
export function logScale(values, from, to, base) {
  const exponent = (value) => Math.log(value) / Math.log(base);
  // Powers come out a hair off, and must not gain a whole step by that.
  const low = Math.floor(exponent(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(exponent(Math.max(...values)) - 1e-9));
  return {
    at: (value) => from + ((exponent(value) - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => Number((base ** (low + i)).toPrecision(12))),
  };
}

function text(x, y, content, anchor = 'start', more = '') {
  const escaped = String(content).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}"${more}>${escaped}</text>`;
}

function round(value) {
  return Math.round(value * 10) / 10;
}
