import { readFile } from 'node:fs/promises';
import type { Tokenizer } from '../contracts';
import { ModelNotAvailableError } from '../errors';
import { GeneralTokenizer } from './general-tokenizer';
import { parseTokenizerFile, type TokenizerFile } from './tokenizer-file';
import { readWordPieceConfig } from './wordpiece-config';
import { WordPieceTokenizer } from './wordpiece-tokenizer';

export interface TokenizerOptions {
  /** Default true; `false`: nothing is put around a text. */
  readonly specialTokens?: boolean | undefined;
}

/**
 * The tokenizer that a model's tokenizer.json describes, the fastest that is exact.
 * @param path of the tokenizer.json
 * @throws ModelNotAvailableError when the file is missing, broken, or asks for something unsupported
 */
export async function loadTokenizer(path: string, options: TokenizerOptions = {}): Promise<Tokenizer> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const reason =
      typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new ModelNotAvailableError(`The model's tokenizer.json cannot be read (${reason}); fetch the model again`);
  }
  return createTokenizer(parseTokenizerFile(text), options);
}

/** As `loadTokenizer`, from a file that was read before. */
export async function createTokenizer(
  file: TokenizerFile,
  { specialTokens = true }: TokenizerOptions = {},
): Promise<Tokenizer> {
  const wordPiece = readWordPieceConfig(file);
  if (wordPiece === null) return GeneralTokenizer.create(file, specialTokens);
  return new WordPieceTokenizer(specialTokens ? wordPiece : { ...wordPiece, prefix: [], suffix: [] });
}
