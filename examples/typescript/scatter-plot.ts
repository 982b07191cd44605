export interface LabeledPoint {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** Chooses the color. */
  readonly label: number;
}

const [WIDTH, HEIGHT, MARGIN] = [1000, 620, 60];
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
  const marks = points.map((point) => {
    const [cx, cy] = [x(point.x), y(point.y)];
    const color = COLORS[point.label % COLORS.length];
    // Words go toward the middle.
    const [anchor, at] = cx > WIDTH / 2 ? ['end', cx - 10] : ['start', cx + 10];
    return `  <circle cx="${cx}" cy="${cy}" r="6" fill="${color}"/>
  <text x="${at}" y="${cy + 4}" text-anchor="${anchor}">${escaped(point.text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">
  <rect width="100%" height="100%" fill="white"/>
  <text x="${WIDTH / 2}" y="40" text-anchor="middle" font-size="20">${escaped(title)}</text>
${marks.join('\n')}
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
