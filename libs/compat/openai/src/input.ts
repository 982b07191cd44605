import { InvalidArgumentError } from '@sutra-embedder/engine';

/** As many as OpenAI takes in a request. */
export const MOST_INPUTS = 2048;

export type Input =
  | { readonly strings: readonly string[]; readonly ids?: undefined }
  | { readonly ids: readonly (readonly number[])[]; readonly strings?: undefined };

/**
 * A string, several, the token ids of a text, or those of several.
 * @throws InvalidArgumentError for what OpenAI refuses too: nothing, an empty string, more than 2,048 inputs
 */
export function readInput(input: unknown): Input {
  if (typeof input === 'string') return { strings: [nonEmpty(input, 'input')] };
  if (!Array.isArray(input)) throw refuse('input must be a string, an array of strings, or an array of token ids');
  if (input.length === 0) throw refuse('input must hold at least one text; it is an empty array');
  const [first] = input as unknown[];
  if (typeof first === 'number') return { ids: [tokenIds(input, 'input')] };
  if (input.length > MOST_INPUTS)
    throw refuse(`input must hold at most ${MOST_INPUTS} texts; it holds ${input.length}`);
  if (Array.isArray(first)) return { ids: input.map((ids, index) => tokenIds(ids, `input[${index}]`)) };
  return { strings: input.map((text, index) => nonEmpty(text, `input[${index}]`)) };
}

function nonEmpty(text: unknown, field: string): string {
  if (typeof text !== 'string') throw refuse(`${field} is not a string; input must be of one kind throughout`, field);
  if (text === '') throw refuse(`${field} is an empty string, which has nothing to embed`, field);
  return text;
}

function tokenIds(ids: unknown, field: string): readonly number[] {
  if (!Array.isArray(ids) || ids.length === 0 || !ids.every((id) => Number.isInteger(id) && id >= 0)) {
    throw refuse(`${field} is not an array of token ids; input must be of one kind throughout`, field);
  }
  return ids as number[];
}

function refuse(message: string, field = 'input'): InvalidArgumentError {
  return new InvalidArgumentError(message, { field });
}
