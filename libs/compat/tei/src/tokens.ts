import { InvalidArgumentError, type Plan, type TextToken } from '@sutra-embedder/engine';

/** A token as text-embeddings-inference shows it: places in bytes of UTF-8, null where they are not known. */
export interface SimpleToken {
  readonly id: number;
  readonly text: string;
  readonly special: boolean;
  readonly start: number | null;
  readonly stop: number | null;
}

/**
 * The tokens of a text. Nothing is cut.
 * @param prompt name of the prompt that is put before it; the model's default one where none is named
 */
export function tokensOf(
  text: string,
  { model, tokenizer }: Plan,
  specialTokens: boolean,
  prompt: string | undefined,
): SimpleToken[] {
  const whole = promptText(model, prompt) + text;
  const bytesTo = byteOffsets(whole);
  return tokenizer
    .tokens(whole)
    .filter(({ special }) => specialTokens || !special)
    .map((token) => show(token, whole, bytesTo));
}

function promptText({ id, prompts, defaultPrompt = '' }: Plan['model'], name: string | undefined): string {
  if (name === undefined) return defaultPrompt;
  const prompt = Object.hasOwn(prompts, name) ? prompts[name] : undefined;
  if (prompt !== undefined) return prompt;
  const known = Object.keys(prompts).join(', ') || 'none';
  throw new InvalidArgumentError(`prompt_name "${name}" is not one of model "${id}"; it has ${known}`, {
    field: 'prompt_name',
  });
}

function show({ id, piece, special, span }: TextToken, text: string, bytesTo: Uint32Array): SimpleToken {
  if (!span) return { id, text: piece, special, start: null, stop: null };
  const [from, to] = span;
  return { id, text: text.slice(from, to), special, start: bytesTo[from] ?? null, stop: bytesTo[to] ?? null };
}

/** For each UTF-16 unit of a text, the bytes of UTF-8 before it. */
function byteOffsets(text: string): Uint32Array {
  const offsets = new Uint32Array(text.length + 1);
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    offsets[i] = bytes;
    const unit = text.charCodeAt(i);
    // Each half of a surrogate pair stands for two of its four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit & 0xf800) === 0xd800 ? 2 : 3;
  }
  offsets[text.length] = bytes;
  return offsets;
}
