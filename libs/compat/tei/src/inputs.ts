import { InvalidArgumentError, type EmbedInput, type Tokenizer } from '@sutra-embedder/engine';
import { EmptyInputError, tooManyInputs } from './tei-errors';

/** Most inputs of a request: as many as the native route takes. */
export const MOST_INPUTS = 1000;

/**
 * A text, several, the token ids of a text, or several of either, in one list.
 * @throws EngineError in this API's words
 */
export function readInputs(inputs: unknown, field = 'inputs'): readonly EmbedInput[] {
  if (typeof inputs === 'string') return [nonEmpty(inputs, field)];
  if (!Array.isArray(inputs)) throw refuse(field);
  if (inputs.length === 0) throw new EmptyInputError(field);
  if (typeof inputs[0] === 'number') return [tokenIds(inputs, field)];
  if (inputs.length > MOST_INPUTS) throw tooManyInputs(inputs.length, MOST_INPUTS);
  return inputs.map((input: unknown) => (typeof input === 'string' ? nonEmpty(input, field) : tokenIds(input, field)));
}

/** Token ids come with the special tokens around a text, which the engine puts there itself. */
export function withoutFrame(ids: readonly number[], tokenizer: Pick<Tokenizer, 'tokens'>): readonly number[] {
  const sample = tokenizer.tokens('a');
  const before = sample.findIndex(({ special }) => !special);
  const after = sample.length - 1 - sample.findLastIndex(({ special }) => !special);
  const framed =
    ids.length >= before + after &&
    sample.slice(0, before).every(({ id }, i) => ids[i] === id) &&
    sample.slice(sample.length - after).every(({ id }, i) => ids[ids.length - after + i] === id);
  return framed ? ids.slice(before, ids.length - after) : ids;
}

function nonEmpty(text: string, field: string): string {
  if (text === '') throw new EmptyInputError(field);
  return text;
}

function tokenIds(ids: unknown, field: string): readonly number[] {
  if (!Array.isArray(ids) || !ids.every((id) => Number.isInteger(id) && id >= 0)) throw refuse(field);
  if (ids.length === 0) throw new EmptyInputError(field);
  return ids as number[];
}

function refuse(field: string): InvalidArgumentError {
  return new InvalidArgumentError(`\`${field}\` must be a text, an array of texts, or token ids`, { field });
}
