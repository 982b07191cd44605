import { readFile } from 'node:fs/promises';
import { ModelNotAvailableError } from '@sutra-embedder/engine/session';

/**
 * The id of a tokenizer's unknown token, which stands for what the vocabulary cannot say and so has no meaning of its
 * own; null where the tokenizer has none.
 * @param path of the tokenizer.json
 * @throws ModelNotAvailableError when the file cannot be read
 */
export async function readUnknownId(path: string): Promise<number | null> {
  let file: TokenizerModel;
  try {
    file = JSON.parse(await readFile(path, 'utf8')) as TokenizerModel;
  } catch {
    throw new ModelNotAvailableError("The model's tokenizer.json cannot be read; fetch the model again");
  }
  return unknownIdOf(file);
}

/** The parts of a tokenizer.json that name the unknown token. Untrusted: any of them may be anything. */
export interface TokenizerModel {
  readonly added_tokens?: readonly { readonly id?: unknown; readonly content?: unknown }[] | null;
  readonly model?: { readonly unk_token?: unknown; readonly unk_id?: unknown; readonly vocab?: unknown } | null;
}

/** WordPiece, BPE and WordLevel name the token, Unigram its id. */
export function unknownIdOf({ model, added_tokens: added }: TokenizerModel): number | null {
  if (Number.isInteger(model?.unk_id)) return model?.unk_id as number;
  const token = model?.unk_token;
  if (typeof token !== 'string') return null;
  const vocab = model?.vocab as Readonly<Record<string, unknown>> | null | undefined;
  const id =
    (vocab && Object.hasOwn(vocab, token) ? vocab[token] : undefined) ??
    added?.find(({ content }) => content === token)?.id;
  return Number.isInteger(id) ? (id as number) : null;
}
