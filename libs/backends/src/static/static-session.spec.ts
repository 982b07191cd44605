import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTokenizer } from '@sutra-embedder/engine';
import type { Batch, ModelSession } from '@sutra-embedder/engine/session';
import fc from 'fast-check';
import { openSession } from './static-session';

/** Written by tools/make-static-fixtures.py with the reference implementation, model2vec. */
interface Expected {
  readonly max_tokens: number;
  readonly normalize: boolean;
  readonly dimensions: number;
  readonly tokens: readonly number[];
  readonly texts: readonly string[];
  readonly vectors: readonly string[];
}

const FIXTURES = join(__dirname, '../../../../test/fixtures/static');
const files = (name: string) => ({
  path: join(FIXTURES, name, 'model.safetensors'),
  tokenizerPath: join(FIXTURES, name, 'tokenizer.json'),
});

function batchOf(rows: readonly ArrayLike<number>[], changes: Partial<Batch> = {}): Batch {
  return {
    ids: Int32Array.from(rows.flatMap((row) => Array.from(row))),
    lengths: Int32Array.from(rows, (row) => row.length),
    output: 'pooled',
    normalize: true,
    ...changes,
  };
}

describe.each(readdirSync(FIXTURES))('a static session on model2vec fixture %s', (name) => {
  const expected = JSON.parse(readFileSync(join(FIXTURES, name, 'expected.json'), 'utf8')) as Expected;
  let session: ModelSession;
  let rows: Int32Array[];

  beforeAll(async () => {
    session = await openSession(files(name));
    const tokenizer = await loadTokenizer(files(name).tokenizerPath, { specialTokens: false });
    rows = expected.texts.map((text) => tokenizer.encode(text, expected.max_tokens, 'end').ids);
  });

  it('is given the tokens that model2vec takes, none around them', () => {
    expect(rows.map((row) => row.length)).toEqual(expected.tokens);
  });

  it("gives model2vec's vectors", async () => {
    const { vectors, dimensions } = await session.run(batchOf(rows, { normalize: expected.normalize }));
    expect(dimensions).toBe(expected.dimensions);
    expected.vectors.forEach((base64, row) => {
      const reference = new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);
      const vector = vectors.subarray(row * dimensions, (row + 1) * dimensions);
      const length = Math.hypot(...reference);
      if (length === 0) return expect(Math.hypot(...vector)).toBe(0);
      const dot = vector.reduce((sum, value, i) => sum + value * (reference[i] as number), 0);
      expect(dot / (length * Math.hypot(...vector))).toBeGreaterThanOrEqual(0.99999);
      // model2vec rounds to the element type of its matrix, float16 at the coarsest.
      expect(Math.abs(Math.hypot(...vector) / length - 1)).toBeLessThan(1e-3);
    });
  });

  it('covers texts that come to nothing', () => {
    expect(expected.vectors.some((base64) => Buffer.from(base64, 'base64').every((byte) => byte === 0))).toBe(true);
  });

  it('gives a text the same bits alone and in any company', async () => {
    const alone = await Promise.all(rows.map(async (row) => (await session.run(batchOf([row]))).vectors));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(rows.length - 1), { minLength: 1, maxLength: 20 }), async (picks) => {
        const { vectors, dimensions } = await session.run(batchOf(picks.map((pick) => rows[pick] as Int32Array)));
        picks.forEach((pick, row) => {
          expect(vectors.subarray(row * dimensions, (row + 1) * dimensions)).toEqual(alone[pick]);
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe('a static session', () => {
  it('gives one vector a token where token vectors are asked for, whose mean is the pooled one', async () => {
    const session = await openSession(files('int8-weights'));
    const rows = [[60, 61, 62], [63]];
    const tokens = await session.run(batchOf(rows, { output: 'tokens', normalize: false }));
    const pooled = await session.run(batchOf(rows, { normalize: false }));
    const { dimensions } = tokens;
    expect(tokens.vectors).toHaveLength(4 * dimensions);
    for (let d = 0; d < dimensions; d++) {
      const at = (token: number) => tokens.vectors[token * dimensions + d] as number;
      expect(pooled.vectors[d]).toBeCloseTo((at(0) + at(1) + at(2)) / 3, 5);
      expect(pooled.vectors[dimensions + d]).toBe(at(3));
    }
  });

  it('normalizes every vector that is not zero', async () => {
    const session = await openSession(files('int8'));
    const { vectors, dimensions } = await session.run(batchOf([[60, 61], [], [70]]));
    const lengths = [0, 1, 2].map((row) => Math.hypot(...vectors.subarray(row * dimensions, (row + 1) * dimensions)));
    expect(lengths[0]).toBeCloseTo(1, 6);
    expect(lengths[1]).toBe(0);
    expect(lengths[2]).toBeCloseTo(1, 6);
  });

  it('refuses a token outside its matrix', async () => {
    const session = await openSession(files('int8'));
    await expect(session.run(batchOf([[100_000]]))).rejects.toThrow('Token 100000 is outside the matrix');
  });
});
