export type Truncation = 'start' | 'end' | 'none';

/** Token ids of one text, special tokens included. */
export interface Encoding {
  readonly ids: Int32Array;
  /** Whether tokens were dropped. With truncation `none` nothing is dropped and `ids` may exceed the limit. */
  readonly truncated: boolean;
}

/** Text to ids, exactly as the model's reference tokenizer does it. */
export interface Tokenizer {
  /**
   * @param limit most ids to return, special tokens included
   * @param truncation which side loses tokens; `none` returns all of them
   */
  encode(text: string, limit: number, truncation: Truncation): Encoding;
  /** Ids to text, special tokens left out. */
  decode(ids: Int32Array | readonly number[]): string;
  /** Puts the model's special tokens around bare ids, truncating as `encode` does. */
  wrap(ids: readonly number[], limit: number, truncation: Truncation): Encoding;
  readonly vocabularySize: number;
}
