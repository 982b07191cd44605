import { isRagged, padded, ragged, RAGGED_INPUTS, type Input } from './inputs';

const options = { padTokenId: 9, positionOffset: 2 };
const ids = Int32Array.of(101, 7, 102, 101, 102);
const lengths = Int32Array.of(3, 2);

/** The int64 values of an input. */
const values = (input: Input | undefined) =>
  Array.from(new BigInt64Array(input?.words.buffer ?? new ArrayBuffer(0)), Number);

describe('padded inputs', () => {
  const { inputs, starts } = padded(ids, lengths, options);

  it('fill shorter rows with the padding token, masked, at the last real position', () => {
    expect(values(inputs.input_ids)).toEqual([101, 7, 102, 101, 102, 9]);
    expect(values(inputs.attention_mask)).toEqual([1, 1, 1, 1, 1, 0]);
    expect(values(inputs.position_ids)).toEqual([2, 3, 4, 2, 3, 3]);
    expect(inputs.input_ids?.shape).toEqual([2, 3]);
  });

  it('start a row every longest tokens', () => expect([...starts]).toEqual([0, 3]));
});

describe('ragged inputs', () => {
  const { inputs, starts } = ragged(ids, lengths, options);

  it('are those that a ragged graph has', () => {
    expect(isRagged(RAGGED_INPUTS)).toBe(true);
    expect(Object.keys(inputs).sort()).toEqual([...RAGGED_INPUTS].sort());
  });

  it('hold the real tokens alone', () => {
    expect(values(inputs.input_ids)).toEqual([...ids]);
    expect(values(inputs.position_ids)).toEqual([2, 3, 4, 2, 3]);
    expect(inputs.token_type_ids?.shape).toEqual([5]);
  });

  it('say where each token stands in the rows of attention, and back', () => {
    expect(values(inputs.token_places)).toEqual([0, 1, 2, 3, 4]);
    expect(values(inputs.row_tokens)).toEqual([0, 1, 2, 3, 4, 0]);
    expect(values(inputs.attention_mask)).toEqual([1, 1, 1, 1, 1, 0]);
    const back = ragged(Int32Array.of(1, 2, 3, 4), Int32Array.of(1, 3), options).inputs;
    expect(values(back.token_places)).toEqual([0, 3, 4, 5]);
    expect(values(back.row_tokens)).toEqual([0, 0, 0, 1, 2, 3]);
  });

  it('start a row where the one before ends', () => expect([...starts]).toEqual([0, 3]));
});
