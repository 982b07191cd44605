import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelNotAvailableError } from '@sutra-embedder/engine/session';
import { DROPPED, loadStaticModel, readStaticMatrix } from './static-matrix';

interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'static-matrix-'))));
afterAll(() => rm(folder, { recursive: true }));

async function save(tensors: Record<string, Tensor>, name = 'model.safetensors'): Promise<string> {
  const parts = Object.values(tensors).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  let at = 0;
  const entries = Object.entries(tensors).map(([key, { dtype, shape, data }]) => {
    const begin = at;
    at += data.byteLength;
    return [key, { dtype, shape, data_offsets: [begin, at] }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  const path = join(folder, name);
  await writeFile(path, Buffer.concat([prefix, text, ...parts]));
  return path;
}

const embeddings: Tensor = { dtype: 'I8', shape: [3, 2], data: Int8Array.of(1, 2, 3, 4, 5, 6) };

describe('readStaticMatrix', () => {
  it('keeps int8 rows as they are, in memory that threads can share', async () => {
    const matrix = await readStaticMatrix(await save({ embeddings }));
    expect(matrix).toMatchObject({ dimensions: 2, rows: 3, vocabulary: 3, dtype: 'I8', weights: null });
    expect(matrix.values).toBeInstanceOf(SharedArrayBuffer);
    expect([...new Int8Array(matrix.values)]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...new Int32Array(matrix.rowOf)]).toEqual([0, 1, 2]);
  });

  it("reads sentence-transformers' name of the matrix", async () => {
    const path = await save({ 'embedding.weight': { dtype: 'F32', shape: [1, 2], data: Float32Array.of(0.5, -1) } });
    expect([...new Float32Array((await readStaticMatrix(path)).values)]).toEqual([0.5, -1]);
  });

  it('reads the rows that many tokens share, in either width, and a weight for each token', async () => {
    const weights: Tensor = { dtype: 'F64', shape: [4], data: Float64Array.of(0.1, 0.2, 0.3, 0.4) };
    for (const mapping of [
      { dtype: 'I64', shape: [4], data: BigInt64Array.of(2n, 0n, 0n, 1n) },
      { dtype: 'I32', shape: [4], data: Int32Array.of(2, 0, 0, 1) },
    ]) {
      const matrix = await readStaticMatrix(await save({ embeddings, mapping, weights }));
      expect(matrix.vocabulary).toBe(4);
      expect([...new Int32Array(matrix.rowOf)]).toEqual([2, 0, 0, 1]);
      expect([...new Float64Array(matrix.weights as SharedArrayBuffer)]).toEqual([0.1, 0.2, 0.3, 0.4]);
    }
  });

  const list = (data: Int32Array, dtype = 'I32'): Tensor => ({ dtype, shape: [data.length], data });
  it.each<[string, Record<string, Tensor>, string]>([
    ['no matrix', { other: embeddings }, 'no tensor named "embeddings"'],
    ['a matrix of one axis', { embeddings: { ...embeddings, shape: [6] } }, 'not a matrix'],
    ['an empty matrix', { embeddings: { dtype: 'I8', shape: [0, 2], data: new Int8Array() } }, 'not a matrix'],
    ['bfloat16 rows', { embeddings: { dtype: 'BF16', shape: [1, 3], data: new Int16Array(3) } }, 'holds BF16'],
    ['float64 rows', { embeddings: { dtype: 'F64', shape: [1, 2], data: new Float64Array(2) } }, 'holds F64'],
    ['a row behind the last', { embeddings, mapping: list(Int32Array.of(0, 3)) }, 'token 1 to row 3 of 3'],
    ['a negative row', { embeddings, mapping: list(Int32Array.of(-1)) }, 'token 0 to row -1'],
    ['a mapping of floats', { embeddings, mapping: list(Int32Array.of(0), 'F32') }, '"mapping" holds F32'],
    [
      'too few weights',
      { embeddings, weights: { dtype: 'F32', shape: [2], data: new Float32Array(2) } },
      '2 values where there are 3',
    ],
    ['whole weights', { embeddings, weights: list(new Int32Array(3)) }, '"weights" holds I32'],
  ])('refuses %s', async (_, tensors, reason) => {
    const reading = readStaticMatrix(await save(tensors));
    await expect(reading).rejects.toThrow(ModelNotAvailableError);
    await expect(reading).rejects.toThrow(reason);
  });

  it('refuses a file that is not there, without its path', async () => {
    const reading = readStaticMatrix(join(folder, 'missing'));
    await expect(reading).rejects.toThrow(ModelNotAvailableError);
    await expect(reading).rejects.not.toThrow(folder);
  });
});

describe('loadStaticModel', () => {
  async function rowsWith(tokenizer: unknown): Promise<number[]> {
    const path = await save({ embeddings });
    const tokenizerPath = join(folder, 'tokenizer.json');
    await writeFile(tokenizerPath, JSON.stringify(tokenizer));
    return [...new Int32Array((await loadStaticModel({ path, tokenizerPath })).rowOf)];
  }

  it.each([
    ['named in the vocabulary', { model: { unk_token: '[UNK]', vocab: { a: 0, '[UNK]': 1 } } }, [0, DROPPED, 2]],
    [
      'named among the added tokens',
      { model: { unk_token: 'u', vocab: {} }, added_tokens: [{ id: 2, content: 'u' }] },
      [0, 1, DROPPED],
    ],
    ['given by its id', { model: { unk_id: 0, vocab: [['a', -1]] } }, [DROPPED, 1, 2]],
    ['absent', { model: { unk_token: null, unk_id: null, vocab: { a: 0 } } }, [0, 1, 2]],
    ['outside the matrix', { model: { unk_id: 7 } }, [0, 1, 2]],
  ])('leaves out an unknown token that is %s', async (_, tokenizer, rows) => {
    expect(await rowsWith(tokenizer)).toEqual(rows);
  });
});
