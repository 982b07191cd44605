import { growth, parseMetrics } from './prometheus.mjs';

const before = parseMetrics('# HELP texts_total Texts\ntexts_total 5\nstage_sum{stage="queue"} 1.5\n');
const after = parseMetrics(
  'texts_total 12\nstage_sum{stage="queue"} 2\nstage_sum{stage="infer"} 3\ntexts_total_other 9\n',
);

describe('metrics', () => {
  it('tells what a counter has grown by', () => {
    expect(growth(before, after, 'texts_total')).toBe(7);
  });

  it('sums the series of a name, or those with a label', () => {
    expect(growth(before, after, 'stage_sum')).toBe(3.5);
    expect(growth(before, after, 'stage_sum', 'stage="queue"')).toBe(0.5);
  });
});
