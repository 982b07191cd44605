/**
 * Cosine similarity, -1 to 1; 0 where either vector is zero. Works on values and on int8 or int4 codes (scales cancel).
 * @throws RangeError where the vectors differ in length
 */
export function cosineSimilarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return ratio(dot(a, b), norm(a) * norm(b));
}

/**
 * All pairs of two sets: result[i][j] is the cosine of a[i] and b[j].
 * @throws RangeError where vectors differ in length
 */
export function batchCosineSimilarity(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
): Float64Array[] {
  const norms = b.map(norm);
  return a.map((row) => {
    const length = norm(row);
    return Float64Array.from(b, (column, j) => ratio(dot(row, column), length * (norms[j] as number)));
  });
}

export interface Match {
  /** Place among the candidates. */
  readonly index: number;
  /** Cosine similarity to the query. */
  readonly score: number;
}

/**
 * The candidates most similar to the query, best first; of equal ones the earlier first.
 * @param topK how many at most, 1 or more
 * @throws RangeError where vectors differ in length
 */
export function findMostSimilar(query: ArrayLike<number>, candidates: Iterable<ArrayLike<number>>, topK = 5): Match[] {
  if (!Number.isInteger(topK) || topK < 1) throw new RangeError(`topK must be a whole number from 1, not ${topK}`);
  const length = norm(query);
  const best: Match[] = [];
  let index = 0;
  for (const candidate of candidates) {
    const score = ratio(dot(query, candidate), length * norm(candidate));
    if (best.length < topK || score > (best[best.length - 1] as Match).score) {
      let place = best.length;
      while (place > 0 && (best[place - 1] as Match).score < score) place--;
      best.splice(place, 0, { index, score });
      if (best.length > topK) best.pop();
    }
    index++;
  }
  return best;
}

/**
 * Number of bits in which two packed binary codes differ, 0 to 8 x bytes. The cosine of what they stand for is
 * 1 - 2 x hamming / dimensions.
 * @throws RangeError where the codes differ in length
 */
export function hamming(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) throw new RangeError(`The codes differ in length: ${a.length} and ${b.length} bytes`);
  let distance = 0;
  let i = 0;
  for (; i + 4 <= a.length; i += 4) distance += bitCount(word(a, i) ^ word(b, i));
  for (; i < a.length; i++) distance += bitCount((a[i] as number) ^ (b[i] as number));
  return distance;
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** Set bits of a 32-bit word: sums of pairs, of fours, of bytes, then all four bytes by one multiplication. */
function bitCount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`The vectors differ in length: ${a.length} and ${b.length}`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function norm(a: ArrayLike<number>): number {
  return Math.sqrt(dot(a, a));
}

function ratio(product: number, lengths: number): number {
  // Rounding may lead beyond 1 by a few units in the last place.
  return lengths === 0 ? 0 : Math.max(-1, Math.min(1, product / lengths));
}
