const WIDTH = 720;
const HEIGHT = 440;
const MARGIN = { top: 36, right: 150, bottom: 52, left: 60 };
const COLORS = { none: '#1f6f8b', int8: '#d1495b', int4: '#edae49', binary: '#5b8e3e' };
const NAMES = { none: 'float32', int8: 'int8', int4: 'int4', binary: 'binary' };

/**
 * SVG plot of quality against bytes a vector, a line for each coding; bytes on a logarithmic axis. Text is set in the
 * reader's own sans-serif font; it stands on white, so that it is legible in dark pages too.
 * @param {{ title: string, label: string, points: { scheme: string, bytes: number, dimensions: number, quality: number }[] }} plot
 *   label: what the vertical axis measures
 * @returns {string}
 */
export function plotQuality({ title, label, points }) {
  const x = scale(
    points.map(({ bytes }) => Math.log2(bytes)),
    MARGIN.left,
    WIDTH - MARGIN.right,
    1,
  );
  const y = scale(
    points.map(({ quality }) => quality),
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
    niceStep(points),
  );
  const schemes = [...new Set(points.map(({ scheme }) => scheme))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${MARGIN.left}" y="20" font-size="15" font-weight="bold">${escape(title)}</text>`,
    ...x.ticks.map((tick) => verticalLine(x.at(tick), String(2 ** tick))),
    ...y.ticks.map((tick) => horizontalLine(y.at(tick), String(Number(tick.toFixed(4))))),
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 12}" text-anchor="middle">bytes a vector</text>`,
    `<text transform="translate(16 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">${escape(label)}</text>`,
    ...schemes.flatMap((scheme, index) => series(scheme, index, points, x, y)),
    '</svg>',
    '',
  ].join('\n');
}

function series(scheme, index, points, x, y) {
  const color = COLORS[scheme] ?? '#555555';
  const own = points.filter((point) => point.scheme === scheme).sort((a, b) => a.bytes - b.bytes);
  const places = own.map((point) => ({
    ...point,
    px: round(x.at(Math.log2(point.bytes))),
    py: round(y.at(point.quality)),
  }));
  const key = MARGIN.top + 10 + index * 20;
  return [
    `<polyline fill="none" stroke="${color}" stroke-width="2" points="${places.map(({ px, py }) => `${px},${py}`).join(' ')}"/>`,
    ...places.map(
      ({ px, py, dimensions, bytes, quality }) =>
        `<circle cx="${px}" cy="${py}" r="4" fill="${color}"><title>${dimensions} dimensions, ${escape(NAMES[scheme] ?? scheme)}, ${bytes} bytes: ${quality.toFixed(2)}</title></circle>`,
    ),
    `<circle cx="${WIDTH - MARGIN.right + 24}" cy="${key}" r="5" fill="${color}"/>`,
    `<text x="${WIDTH - MARGIN.right + 36}" y="${key + 4}">${escape(NAMES[scheme] ?? scheme)}</text>`,
  ];
}

/** Maps values to pixels, with ticks at multiples of `step` around them. */
function scale(values, from, to, step) {
  const low = Math.floor(Math.min(...values) / step);
  const high = Math.max(low + 1, Math.ceil(Math.max(...values) / step));
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => (low + index) * step);
  return { ticks, at: (value) => from + ((value / step - low) / (high - low)) * (to - from) };
}

/** 1, 2 or 5 times a power of ten, for about eight ticks. */
function niceStep(points) {
  const values = points.map(({ quality }) => quality);
  const rough = Math.max(1e-6, (Math.max(...values) - Math.min(...values)) / 8);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

function verticalLine(px, text) {
  const [top, bottom] = [MARGIN.top, HEIGHT - MARGIN.bottom];
  return `<path d="M${round(px)} ${top}V${bottom}" stroke="#dddddd"/><text x="${round(px)}" y="${bottom + 16}" text-anchor="middle">${text}</text>`;
}

function horizontalLine(py, text) {
  const [left, right] = [MARGIN.left, WIDTH - MARGIN.right];
  return `<path d="M${left} ${round(py)}H${right}" stroke="#dddddd"/><text x="${left - 6}" y="${round(py + 4)}" text-anchor="end">${text}</text>`;
}

function round(value) {
  return Number(value.toFixed(1));
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
