import { InvalidArgumentError } from '../errors';
import type { EmbedRequest } from './embed-request';

type TextsOfRequest = Pick<EmbedRequest, 'texts' | 'textsField' | 'firstIndex'>;

/** What an error calls one text of a request. */
export function fieldOfText(
  { textsField = 'texts', firstIndex = 0 }: Omit<TextsOfRequest, 'texts'>,
  index: number,
): string {
  return `${textsField}[${firstIndex + index}]`;
}

/** @throws InvalidArgumentError naming the first input that no tokenizer could read */
export function checkTexts({ texts, textsField, firstIndex }: TextsOfRequest, vocabularySize: number): void {
  if (texts.length === 0) {
    const field = textsField ?? 'texts';
    throw new InvalidArgumentError(`${field} must hold at least one text`, { field });
  }
  const refuse = (index: number, what: string): never => {
    const field = fieldOfText({ textsField, firstIndex }, index);
    throw new InvalidArgumentError(`${field} holds ${what}`, { field });
  };
  texts.forEach((text, index) => {
    if (typeof text === 'string') {
      if (!text.isWellFormed()) refuse(index, 'a lone surrogate and is not valid Unicode');
    } else if (!text.every((id) => Number.isInteger(id) && id >= 0 && id < vocabularySize)) {
      refuse(index, `a token id outside this model's vocabulary of ${vocabularySize}`);
    }
  });
}
