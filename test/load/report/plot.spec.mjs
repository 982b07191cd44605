import { linePlots, logScale } from './plot.mjs';

describe('logScale', () => {
  const scale = logScale([3, 800], 300, 0, 10);

  it('spans whole powers', () => {
    expect(scale.ticks).toEqual([1, 10, 100, 1000]);
  });

  it('places values by their order of magnitude', () => {
    expect([1, 10, 1000].map((value) => Math.round(scale.at(value)))).toEqual([300, 200, 0]);
  });

  it('ends at a power that is reached exactly, and has room for a single value', () => {
    expect(logScale([1, 256], 0, 1, 2).ticks.at(-1)).toBe(256);
    expect(logScale([10], 0, 1, 10).ticks).toEqual([10, 100]);
  });
});

describe('linePlots', () => {
  const series = [
    {
      label: 'fp32 <short>',
      points: [
        [1, 100],
        [32, 400],
        [256, 450],
      ],
      limit: 500,
    },
    {
      label: 'int8',
      points: [
        [1, 300],
        [32, 1200],
        [256, 1500],
      ],
    },
  ];
  const svg = linePlots([
    { title: 'Throughput', x: 'connections', y: 'texts a second', series },
    { title: 'Latency', x: 'connections', y: 'ms', series },
  ]);

  it('draws each series in each panel, with a dot a point and a dashed limit', () => {
    expect(svg.match(/stroke-width="2"/g)).toHaveLength(4);
    expect(svg.match(/<circle/g)).toHaveLength(12);
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(3);
  });

  it('stays inside the picture and escapes what it writes', () => {
    const numbers = [...svg.matchAll(/c[xy]="([\d.-]+)"/g)].map((match) => Number(match[1]));
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(420);
    expect(svg).toContain('fp32 &lt;short>');
    expect(svg).not.toContain('NaN');
  });
});
