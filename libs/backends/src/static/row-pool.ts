import { DROPPED, type StaticMatrix } from './static-matrix';

/**
 * Sums the vectors of the tokens of one text after another. Sums are kept in float64 and always taken in the order of
 * the text, so that a text's bits depend on nothing else; sums of unweighted int8 rows are exact.
 */
export class RowPool {
  private readonly values: Float32Array | Int8Array;
  private readonly rowOf: Int32Array;
  private readonly weights: Float64Array | null;
  private readonly sum: Float64Array;
  /** Start of each kept token's row in `values`, and its weight. */
  private starts = new Int32Array(512);
  private scales = new Float64Array(512);

  constructor(private readonly matrix: StaticMatrix) {
    this.values = matrix.dtype === 'I8' ? new Int8Array(matrix.values) : new Float32Array(matrix.values);
    this.rowOf = new Int32Array(matrix.rowOf);
    this.weights = matrix.weights && new Float64Array(matrix.weights);
    this.sum = new Float64Array(matrix.dimensions);
  }

  /**
   * The mean of a text's token vectors; zero where no token counts.
   * @param ids ids of many texts one after the other
   * @param from index of the text's first id
   * @param to index after its last
   * @param normalize scale to Euclidean length 1
   * @param out where the vector goes
   * @param at its first index there
   * @throws RangeError for an id outside the vocabulary
   */
  mean(ids: Int32Array, from: number, to: number, normalize: boolean, out: Float32Array, at: number): void {
    const count = this.select(ids, from, to);
    const { sum } = this;
    sum.fill(0);
    if (this.weights) this.addWeighted(count);
    else this.add(count);
    const scale = count === 0 ? 0 : normalize ? inverseLength(sum) : 1 / count;
    for (let d = 0; d < sum.length; d++) out[at + d] = (sum[d] as number) * scale;
  }

  /** Finds the rows of the tokens that count, and returns how many they are. */
  private select(ids: Int32Array, from: number, to: number): number {
    if (this.starts.length < to - from) {
      this.starts = new Int32Array(to - from);
      this.scales = new Float64Array(to - from);
    }
    const { rowOf, weights, starts, scales } = this;
    const { dimensions } = this.matrix;
    let count = 0;
    for (let i = from; i < to; i++) {
      const id = ids[i] as number;
      const row = rowOf[id];
      if (row === undefined) throw new RangeError(`Token ${id} is outside the matrix of ${rowOf.length} tokens`);
      if (row === DROPPED) continue;
      starts[count] = row * dimensions;
      if (weights) scales[count] = weights[id] as number;
      count++;
    }
    return count;
  }

  // Four rows at a time: the sum is loaded and stored a quarter as often. Past the last row, the first one stands in
  // with weight 0. All reads stay within their arrays: rows were checked when the matrix was read.

  private addWeighted(count: number): void {
    const { values, sum, starts, scales } = this;
    const dimensions = sum.length;
    for (let token = 0; token < count; token += 4) {
      const left = count - token;
      const a = starts[token] as number;
      const b = left > 1 ? (starts[token + 1] as number) : a;
      const c = left > 2 ? (starts[token + 2] as number) : a;
      const d = left > 3 ? (starts[token + 3] as number) : a;
      const wa = scales[token] as number;
      const wb = left > 1 ? (scales[token + 1] as number) : 0;
      const wc = left > 2 ? (scales[token + 2] as number) : 0;
      const wd = left > 3 ? (scales[token + 3] as number) : 0;
      for (let i = 0; i < dimensions; i++) {
        sum[i] =
          (sum[i] as number) +
          (values[a + i] as number) * wa +
          (values[b + i] as number) * wb +
          (values[c + i] as number) * wc +
          (values[d + i] as number) * wd;
      }
    }
  }

  private add(count: number): void {
    const { values, sum, starts } = this;
    const dimensions = sum.length;
    let token = 0;
    for (; token + 4 <= count; token += 4) {
      const a = starts[token] as number;
      const b = starts[token + 1] as number;
      const c = starts[token + 2] as number;
      const d = starts[token + 3] as number;
      for (let i = 0; i < dimensions; i++) {
        sum[i] =
          (sum[i] as number) +
          (values[a + i] as number) +
          (values[b + i] as number) +
          (values[c + i] as number) +
          (values[d + i] as number);
      }
    }
    for (; token < count; token++) {
      const a = starts[token] as number;
      for (let i = 0; i < dimensions; i++) sum[i] = (sum[i] as number) + (values[a + i] as number);
    }
  }
}

function inverseLength(sum: Float64Array): number {
  let squares = 0;
  for (let d = 0; d < sum.length; d++) squares += (sum[d] as number) ** 2;
  return squares === 0 ? 0 : 1 / Math.sqrt(squares);
}
