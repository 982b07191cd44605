import type { Tokenizer } from '../contracts';

/** The special tokens that a tokenizer puts around every text. */
export interface SpecialTokensAround {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Found by where the ids of two texts differ. */
export function specialTokensAround(tokenizer: Pick<Tokenizer, 'wrap'>): SpecialTokensAround {
  const wrapped = (id: number) => [...tokenizer.wrap([id], Number.MAX_SAFE_INTEGER, 'none').ids];
  const one = wrapped(0);
  const other = wrapped(1);
  const at = one.findIndex((id, index) => id !== other[index]);
  return { before: one.slice(0, at), after: one.slice(at + 1) };
}
