import { InvalidArgumentError } from '../errors';
import type { EmbedInput } from './embed-request';

/** @throws InvalidArgumentError naming the first input that no tokenizer could read */
export function checkTexts(texts: readonly EmbedInput[], vocabularySize: number, firstIndex = 0): void {
  if (texts.length === 0) throw new InvalidArgumentError('texts must hold at least one text', { field: 'texts' });
  texts.forEach((text, index) => {
    const field = `texts[${firstIndex + index}]`;
    if (typeof text === 'string') {
      if (!text.isWellFormed()) {
        throw new InvalidArgumentError(`${field} holds a lone surrogate and is not valid Unicode`, { field });
      }
    } else if (!text.every((id) => Number.isInteger(id) && id >= 0 && id < vocabularySize)) {
      throw new InvalidArgumentError(`${field} holds a token id outside this model's vocabulary of ${vocabularySize}`, {
        field,
      });
    }
  });
}
