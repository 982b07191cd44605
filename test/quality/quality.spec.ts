import { join } from 'node:path';
import { ndcg } from '../../tools/quality/ndcg.mjs';
import { parsePlans } from '../../tools/quality/plans.mjs';
import { plotQuality } from '../../tools/quality/plot.mjs';
import { readBeir } from '../../tools/quality/read-beir.mjs';
import { readPairs } from '../../tools/quality/read-pairs.mjs';
import { evaluatePlans } from '../../tools/quality/run.mjs';
import { spearman } from '../../tools/quality/spearman.mjs';
import { markdownTable } from '../../tools/quality/table.mjs';
import { vectorProcess } from '../../tools/quality/process-vectors.mjs';
import { sampleModel } from '@sutra-embedder/engine/testing';

const fixtures = join(__dirname, '..', 'fixtures', 'quality');

describe('spearman', () => {
  it('is 1 for the same order, -1 for the opposite, whatever the distances', () => {
    expect(spearman([1, 2, 30], [-5, 0, 0.1])).toBe(1);
    expect(spearman([1, 2, 30], [3, 2, -9])).toBe(-1);
  });

  it('gives equal values their mean rank', () => {
    // scipy.stats.spearmanr([1, 2, 2, 4, 5], [2, 1, 4, 4, 3]) -> 0.39473684210526316
    expect(spearman([1, 2, 2, 4, 5], [2, 1, 4, 4, 3])).toBeCloseTo(0.39473684210526316, 12);
  });

  it('refuses lists of different lengths', () => {
    expect(() => spearman([1, 2], [1])).toThrow(RangeError);
  });
});

describe('ndcg', () => {
  it('is 1 when everything relevant comes first, in the order of its grades', () => {
    expect(
      ndcg(
        [0.1, 0.9, 0.5, 0.2],
        new Map([
          [1, 2],
          [2, 1],
        ]),
      ),
    ).toBe(1);
  });

  it('discounts by the logarithm of the rank', () => {
    // Relevant at ranks 2 and 4 of 4: (1/log2(3) + 1/log2(5)) / (1 + 1/log2(3))
    const expected = (1 / Math.log2(3) + 1 / Math.log2(5)) / (1 + 1 / Math.log2(3));
    expect(
      ndcg(
        [0.9, 0.8, 0.7, 0.6],
        new Map([
          [1, 1],
          [3, 1],
        ]),
      ),
    ).toBeCloseTo(expected, 12);
  });

  it('counts nothing beyond the cutoff', () => {
    expect(ndcg([3, 2, 1], new Map([[2, 1]]), 2)).toBe(0);
  });

  it('keeps the order of documents with equal scores', () => {
    expect(ndcg([1, 1], new Map([[1, 1]]))).toBeCloseTo(1 / Math.log2(3), 12);
  });
});

describe('the readers', () => {
  it('keep quotation marks of pairs, and name the line that is none', () => {
    const pairs = readPairs(join(fixtures, 'pairs.tsv'));
    expect(pairs.scores).toHaveLength(9);
    expect(pairs.second[5]).toBe('"Bring more water," he said.');
    expect(() => readPairs(join(fixtures, 'retrieval', 'qrels.tsv'))).toThrow(/qrels\.tsv:1 /);
  });

  it('join title and text, and leave out what nobody judged', () => {
    const { documents, queries, relevant } = readBeir(join(fixtures, 'retrieval'));
    expect(documents).toHaveLength(6);
    expect(documents[1]).toMatch(/^Bread Dough rises/);
    expect(documents[3]).toMatch(/^Lime/);
    expect(queries).toHaveLength(3);
    expect(relevant.map((grades) => [...grades])).toEqual([
      [[1, 1]],
      [[2, 2]],
      [
        [5, 1],
        [2, 1],
      ],
    ]);
  });
});

describe('parsePlans', () => {
  it('reads lengths with and without codings', () => {
    expect(parsePlans('64:int8+none,2048:binary')).toEqual([
      { dimensions: 64, scheme: 'int8' },
      { dimensions: 64, scheme: 'none' },
      { dimensions: 2048, scheme: 'binary' },
    ]);
    expect(parsePlans('128')).toHaveLength(4);
  });

  it.each(['x', '64:int9', '64:int8:2', '1.5'])('refuses %s', (text) => {
    expect(() => parsePlans(text)).toThrow(/is no/);
  });
});

describe('evaluatePlans', () => {
  const model = sampleModel({ dimensions: 64 });
  const pairs = readPairs(join(fixtures, 'pairs.tsv'));
  const beir = readBeir(join(fixtures, 'retrieval'));
  const sets = [
    { name: 'pairs', kind: 'pairs' as const, data: pairs },
    { name: 'retrieval', kind: 'retrieval' as const, data: beir },
  ];

  it('gives full marks to vectors that agree with the judgements, and bytes of every plan', async () => {
    const plans = parsePlans('48:none,64,100:none+int4');
    const results = await evaluatePlans({ plans, sets, embed: agreeing, process: vectorProcess(model) });
    expect(results.map(({ bytes }) => bytes)).toEqual([192, 256, 64, 32, 8, 400, 50]);
    expect(results.map(({ methods }) => methods.join(' '))).toEqual([
      'cut',
      '',
      'int8',
      'int4',
      'binary',
      'hadamard',
      'hadamard int4',
    ]);
    for (const { dimensions, scheme, scores } of results) {
      // What is cut or coded coarsely may lose some.
      if (dimensions === 48 || scheme === 'binary' || scheme === 'int4') continue;
      expect(scores[0]).toBeCloseTo(100, 6);
      expect(scores[1]).toBeCloseTo(100, 6);
    }
  });

  it('gives few marks to vectors that have nothing to do with the texts', async () => {
    const embed = async (texts: readonly string[]) => vectors(texts.map((_, i) => unit(i % 64)));
    const [result] = await evaluatePlans({
      plans: parsePlans('64:none'),
      sets,
      embed,
      process: vectorProcess(model),
    });
    expect(result?.scores[1]).toBeLessThan(80);
  });

  /** Vectors made from the judgements: pairs at the angle of their score, queries near what is relevant to them. */
  async function agreeing(texts: readonly string[]) {
    return vectors(
      texts.map((text) => {
        const first = pairs.first.indexOf(text);
        if (first >= 0) return unit(first);
        const second = pairs.second.indexOf(text);
        if (second >= 0) return blend(unit(second), unit(second + 20), (pairs.scores[second] ?? 0) / 5);
        const document = beir.documents.indexOf(text);
        if (document >= 0) return unit(40 + document);
        const grades = beir.relevant[beir.queries.indexOf(text)] ?? new Map();
        const values = new Float32Array(64);
        for (const [index, grade] of grades) values[40 + index] = grade;
        return values;
      }),
    );
  }

  function vectors(rows: Float32Array[]) {
    const values = new Float32Array(rows.length * 64);
    rows.forEach((row, index) => values.set(row, index * 64));
    return { rows: rows.length, dimensions: 64, values };
  }

  function unit(axis: number) {
    const values = new Float32Array(64);
    values[axis] = 1;
    return values;
  }

  function blend(a: Float32Array, b: Float32Array, share: number) {
    return a.map((value, i) => share * value + (1 - share) * (b[i] ?? 0));
  }
});

describe('the outputs', () => {
  it('line up the columns of a table', () => {
    expect(markdownTable(['a', 'long'], [['wide cell', '1']])).toBe(
      '| a         | long |\n| --------- | ---- |\n| wide cell | 1    |',
    );
  });

  it('draw a point for each plan and a line for each coding, with text escaped', () => {
    const svg = plotQuality({
      title: 'a < b',
      label: 'nDCG',
      points: [
        { scheme: 'none', bytes: 256, dimensions: 64, quality: 80 },
        { scheme: 'none', bytes: 1024, dimensions: 256, quality: 90 },
        { scheme: 'binary', bytes: 32, dimensions: 256, quality: 70 },
      ],
    });
    expect(svg.match(/<title>/g)).toHaveLength(3);
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg).toContain('a &lt; b');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });
});
