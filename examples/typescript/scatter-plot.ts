export interface LabeledPoint {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** Chooses the color. */
  readonly label: number;
}

const [WIDTH, HEIGHT, MARGIN, LINE] = [1000, 620, 60, 18];
const COLORS = ['#4c72b0', '#dd8452', '#55a868', '#c44e52', '#8172b3', '#937860'];

/** Points with their texts, as an SVG document. */
export function scatterPlot(title: string, points: readonly LabeledPoint[]): string {
  const x = scale(
    points.map((point) => point.x),
    MARGIN,
    WIDTH - MARGIN,
  );
  const y = scale(
    points.map((point) => point.y),
    HEIGHT - MARGIN,
    2 * MARGIN,
  );
  const marks = points
    .map(({ text, label, ...point }) => ({
      text,
      cx: x(point.x),
      cy: y(point.y),
      color: COLORS[label % COLORS.length],
    }))
    .sort((a, b) => a.cy - b.cy);
  // Words go toward the middle, each on a line of its own.
  const free = { start: 0, end: 0 };
  const drawn = marks.map(({ text, cx, cy, color }) => {
    const [anchor, at] = cx > WIDTH / 2 ? (['end', cx - 24] as const) : (['start', cx + 24] as const);
    const line = Math.max(cy, free[anchor]);
    free[anchor] = line + LINE;
    return `  <line x1="${cx}" y1="${cy}" x2="${at}" y2="${line}" stroke="${color}"/>
  <circle cx="${cx}" cy="${cy}" r="6" fill="${color}"/>
  <text x="${at}" y="${line + 4}" text-anchor="${anchor}">${escaped(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">
  <rect width="100%" height="100%" fill="white"/>
  <text x="${WIDTH / 2}" y="40" text-anchor="middle" font-size="20">${escaped(title)}</text>
${drawn.join('\n')}
</svg>
`;
}

/** Maps the range of some values to another one, in whole pixels. */
function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) => Math.round(from + ((value - low) / (high - low || 1)) * (to - from));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
