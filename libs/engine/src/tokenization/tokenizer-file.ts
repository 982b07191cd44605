import { z } from 'zod';
import { ModelNotAvailableError } from '../errors';

/*
 * The parts of a Hugging Face tokenizer.json that are looked at here; everything else passes through to the general
 * tokenizer. `padding` and `truncation` are left out on purpose: they record how somebody once called the tokenizer
 * (all-MiniLM-L6-v2's says 128 tokens where the model takes 256) and are the caller's choice.
 */

const AddedToken = z.looseObject({
  id: z.int().nonnegative(),
  content: z.string(),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().optional(),
  special: z.boolean().default(false),
});
const Part = z.looseObject({ type: z.string() }).nullable().default(null);

const TokenizerFile = z.object({
  added_tokens: z.array(AddedToken).default([]),
  normalizer: Part,
  pre_tokenizer: Part,
  post_processor: Part,
  decoder: Part,
  model: z.looseObject({ type: z.string().optional() }),
});

export type AddedToken = z.infer<typeof AddedToken>;
export type TokenizerFile = z.infer<typeof TokenizerFile>;
/** A normalizer, pre-tokenizer, post-processor or decoder, as yet unread beyond its type. */
export type TokenizerPart = NonNullable<z.infer<typeof Part>>;

/** @throws ModelNotAvailableError when the text is not a tokenizer.json */
export function parseTokenizerFile(text: string): TokenizerFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ModelNotAvailableError('tokenizer.json is not valid JSON; fetch the model again');
  }
  const parsed = TokenizerFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ModelNotAvailableError(
    `tokenizer.json is not one this server can read: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}; ` +
      'use the file written by the Hugging Face tokenizers library',
  );
}
