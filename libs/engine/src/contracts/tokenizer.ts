export type Truncation = 'start' | 'end' | 'none';

/** Token ids of one text, special tokens included. */
export interface Encoding {
  readonly ids: Int32Array;
  /** Whether tokens were dropped. With truncation `none` nothing is dropped and `ids` may exceed the limit. */
  readonly truncated: boolean;
}

/** One token of a text. */
export interface TextToken {
  readonly id: number;
  /** What the vocabulary writes for it, such as `##ing`. */
  readonly piece: string;
  /** One of those that the model wants around every text; it stands for nothing in it. */
  readonly special: boolean;
  /** Where it stands in the text, in UTF-16 units; undefined for special ones, and where the tokenizer cannot tell. */
  readonly span: readonly [start: number, end: number] | undefined;
}

/** Text to ids, exactly as the model's reference tokenizer does it. */
export interface Tokenizer {
  /**
   * @param limit most ids to return, special tokens included
   * @param truncation which side loses tokens; `none` returns all of them
   */
  encode(text: string, limit: number, truncation: Truncation): Encoding;
  /** Ids to text; special tokens are left out unless they are asked for. */
  decode(ids: Int32Array | readonly number[], special?: 'kept' | 'left out'): string;
  /** All tokens of a text, special ones included, with where each stands. Slower than `encode`: for who looks at tokens. */
  tokens(text: string): readonly TextToken[];
  /** Puts the model's special tokens around bare ids, truncating as `encode` does. */
  wrap(ids: readonly number[], limit: number, truncation: Truncation): Encoding;
  readonly vocabularySize: number;
}
