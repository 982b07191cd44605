/**
 * Which of the waiting texts run together next.
 *
 * Padding is what a batch loses, and a batch costs about `overhead + rows x longest` tokens. So the waiting texts are
 * sorted by length and split into groups by dynamic programming such that the summed cost is least; the group that
 * holds the text whose turn it is, is sent. Pure: the same lengths give the same choice.
 *
 * @param lengths tokens of each waiting text, in order of turn: index 0 must be in the result
 * @param budget most padded tokens (rows x longest) of a batch; a single longer text still goes alone
 * @param overhead fixed cost of a batch, in tokens
 * @param maxRows most texts in a batch
 * @returns indexes into `lengths`, shortest text first
 */
export function chooseBatch(lengths: ArrayLike<number>, budget: number, overhead: number, maxRows: number): number[] {
  const count = lengths.length;
  if (count === 0) return [];
  const order = sortByLength(lengths);
  const at = (position: number) => lengths[order[position] as number] as number;

  // best[i]: least cost of the i shortest; from[i]: where the last of their groups begins.
  const best = new Float64Array(count + 1);
  const from = new Int32Array(count + 1);
  for (let end = 1; end <= count; end++) {
    const longest = at(end - 1);
    const rows = Math.max(1, Math.min(maxRows, Math.floor(budget / longest), end));
    let least = Infinity;
    let start = end - 1;
    for (let size = 1; size <= rows; size++) {
      const cost = (best[end - size] as number) + overhead + size * longest;
      if (cost < least) {
        least = cost;
        start = end - size;
      }
    }
    best[end] = least;
    from[end] = start;
  }

  const turn = order.indexOf(0);
  let end = count;
  while ((from[end] as number) > turn) end = from[end] as number;
  return Array.from(order.subarray(from[end], end));
}

/** Indexes by ascending length, equal lengths in order of turn. Counting sort: lengths are small integers. */
function sortByLength(lengths: ArrayLike<number>): Int32Array {
  let longest = 0;
  for (let i = 0; i < lengths.length; i++) longest = Math.max(longest, lengths[i] as number);
  const starts = new Int32Array(longest + 2);
  for (let i = 0; i < lengths.length; i++) {
    const slot = (lengths[i] as number) + 1;
    starts[slot] = (starts[slot] as number) + 1;
  }
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
  const order = new Int32Array(lengths.length);
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i] as number;
    const position = starts[length] as number;
    order[position] = i;
    starts[length] = position + 1;
  }
  return order;
}
