/** What a graph is fed with: int64 values (as pairs of int32 words) and their shape. */
export interface Input {
  readonly words: Int32Array;
  readonly shape: readonly number[];
}

/** Where the rows of a batch lie in a graph's tensors. */
export interface BatchLayout {
  readonly inputs: Readonly<Record<string, Input>>;
  /** Of each row: the place of its first token among the token vectors that the graph returns. */
  readonly starts: Int32Array;
}

export interface InputOptions {
  /** Token id that fills up shorter rows. */
  readonly padTokenId: number;
  /** Position of a row's first token. */
  readonly positionOffset: number;
}

/** Inputs of graphs over padded rows, [rows, longest] each; all can be filled from token ids alone. */
export const PADDED_INPUTS = ['input_ids', 'attention_mask', 'token_type_ids', 'position_ids'] as const;

/**
 * Inputs of ragged graphs, which see padding in attention alone: `row_tokens` (which token stands at each place of the
 * padded rows; any at padding) and `attention_mask` are [rows, longest], the others [tokens]; `token_places` says at
 * which place of the rows, counted through, each token stands.
 */
export const RAGGED_INPUTS = [
  'input_ids',
  'position_ids',
  'token_type_ids',
  'token_places',
  'row_tokens',
  'attention_mask',
] as const;

/** Whether a graph with these inputs is a ragged one. */
export function isRagged(inputNames: readonly string[]): boolean {
  return inputNames.includes('token_places');
}

export function padded(
  ids: Int32Array,
  lengths: Int32Array,
  { padTokenId, positionOffset }: InputOptions,
): BatchLayout {
  const longest = longestOf(lengths);
  const shape = [lengths.length, longest];
  const size = lengths.length * longest;
  const [inputIds, mask, positions] = [int64(size), int64(size), int64(size)];
  let next = 0;
  lengths.forEach((length, row) => {
    for (let token = 0, word = row * longest * 2; token < longest; token++, word += 2) {
      const real = token < length;
      inputIds[word] = real ? (ids[next++] as number) : padTokenId;
      mask[word] = real ? 1 : 0;
      // Padding repeats the last position: it is masked, and must not reach past the model's position table.
      positions[word] = positionOffset + (real ? token : Math.max(0, length - 1));
    }
  });
  return {
    inputs: {
      input_ids: { words: inputIds, shape },
      attention_mask: { words: mask, shape },
      token_type_ids: { words: int64(size), shape },
      position_ids: { words: positions, shape },
    },
    starts: lengths.map((_, row) => row * longest),
  };
}

export function ragged(ids: Int32Array, lengths: Int32Array, { positionOffset }: InputOptions): BatchLayout {
  const longest = longestOf(lengths);
  const rows = [lengths.length, longest];
  const tokens = [ids.length];
  const [inputIds, positions, places] = [int64(ids.length), int64(ids.length), int64(ids.length)];
  const [rowTokens, mask] = [int64(lengths.length * longest), int64(lengths.length * longest)];
  const starts = new Int32Array(lengths.length);
  let next = 0;
  lengths.forEach((length, row) => {
    starts[row] = next;
    for (let token = 0; token < length; token++, next++) {
      const place = row * longest + token;
      inputIds[next * 2] = ids[next] as number;
      positions[next * 2] = positionOffset + token;
      places[next * 2] = place;
      rowTokens[place * 2] = next;
      mask[place * 2] = 1;
    }
  });
  return {
    inputs: {
      input_ids: { words: inputIds, shape: tokens },
      position_ids: { words: positions, shape: tokens },
      token_type_ids: { words: int64(ids.length), shape: tokens },
      token_places: { words: places, shape: tokens },
      row_tokens: { words: rowTokens, shape: rows },
      attention_mask: { words: mask, shape: rows },
    },
    starts,
  };
}

/** All values are small and not negative: writing the low word of each int64 avoids a BigInt for every token. */
function int64(size: number): Int32Array {
  return new Int32Array(size * 2);
}

function longestOf(lengths: Int32Array): number {
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}
