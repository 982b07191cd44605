import { z } from 'zod';
import { ModelNotAvailableError } from '../errors';
import { type BertNormalization } from './bert-characters';
import { type AddedToken, type TokenizerFile, type TokenizerPart } from './tokenizer-file';

/** What a BERT tokenizer.json says, as far as it changes ids. */
export interface WordPieceConfig {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly continuingPrefix: string;
  readonly unknownId: number;
  /** Characters of a normalized word beyond which it is unknown as a whole. */
  readonly longestWord: number;
  readonly normalization: BertNormalization;
  readonly prefix: readonly number[];
  readonly suffix: readonly number[];
  readonly addedTokens: readonly AddedToken[];
  /** How ids become text again; null joins pieces with spaces. */
  readonly decoder: { readonly prefix: string; readonly cleanup: boolean } | null;
}

const LONGEST_WORD = 10_000;

const Model = z.object({
  type: z.literal('WordPiece'),
  // Thirty thousand entries: checked in a loop below, which takes a tenth of the time.
  vocab: z.custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
  unk_token: z.string(),
  continuing_subword_prefix: z.string().default('##'),
  max_input_chars_per_word: z.int().positive().max(LONGEST_WORD).default(100),
});
const Normalizer = z.object({
  type: z.literal('BertNormalizer'),
  clean_text: z.boolean().default(true),
  handle_chinese_chars: z.boolean().default(true),
  strip_accents: z.boolean().nullable().default(null),
  lowercase: z.boolean().default(true),
});
const Decoder = z.object({
  type: z.literal('WordPiece'),
  prefix: z.string().default('##'),
  cleanup: z.boolean().default(true),
});
const Pair = z.tuple([z.string(), z.int().nonnegative()]);
const ClsSep = z.object({ type: z.enum(['BertProcessing', 'RobertaProcessing']), cls: Pair, sep: Pair });
const Template = z.object({
  type: z.literal('TemplateProcessing'),
  single: z.array(
    z.union([
      z.object({ SpecialToken: z.object({ id: z.string() }) }),
      z.object({ Sequence: z.object({ id: z.literal('A') }) }),
    ]),
  ),
  special_tokens: z.record(z.string(), z.object({ ids: z.array(z.int().nonnegative()) })),
});

/**
 * The configuration, or null where WordPieceTokenizer could not be exact and the general tokenizer has to do.
 * @throws ModelNotAvailableError when the vocabulary is broken
 */
export function readWordPieceConfig(file: TokenizerFile): WordPieceConfig | null {
  const model = Model.safeParse(file.model).data;
  const normalization = readBertNormalization(file.normalizer);
  const frame = readFrame(file.post_processor);
  const decoder = file.decoder === null ? null : Decoder.safeParse(file.decoder).data;
  if (!model || !normalization || !frame || decoder === undefined) return null;
  if (file.pre_tokenizer?.type !== 'BertPreTokenizer') return null;
  const vocabulary = readVocabulary(model.vocab);
  const unknownId = vocabulary.get(model.unk_token);
  if (unknownId === undefined) return null;
  return {
    vocabulary,
    continuingPrefix: model.continuing_subword_prefix,
    unknownId,
    longestWord: model.max_input_chars_per_word,
    normalization,
    ...frame,
    addedTokens: file.added_tokens,
    decoder,
  };
}

function readVocabulary(vocab: object): Map<string, number> {
  const vocabulary = new Map<string, number>();
  // Not Object.entries: thirty thousand pairs are work for the collector while a server starts.
  for (const piece of Object.keys(vocab)) {
    const id = (vocab as Readonly<Record<string, unknown>>)[piece];
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0) {
      throw new ModelNotAvailableError(
        'tokenizer.json gives a piece an id that is no whole number; fetch the model again',
      );
    }
    vocabulary.set(piece, id);
  }
  return vocabulary;
}

/** Null where the normalizer is not BERT's. */
export function readBertNormalization(part: TokenizerPart | null): BertNormalization | null {
  const normalizer = Normalizer.safeParse(part).data;
  if (!normalizer) return null;
  return {
    cleanText: normalizer.clean_text,
    handleChineseChars: normalizer.handle_chinese_chars,
    stripAccents: normalizer.strip_accents ?? normalizer.lowercase,
    lowercase: normalizer.lowercase,
  };
}

function readFrame(part: TokenizerPart | null): { prefix: readonly number[]; suffix: readonly number[] } | null {
  if (part === null) return { prefix: [], suffix: [] };
  const clsSep = ClsSep.safeParse(part).data;
  if (clsSep) return { prefix: [clsSep.cls[1]], suffix: [clsSep.sep[1]] };
  const template = Template.safeParse(part).data;
  if (!template) return null;
  const { single, special_tokens: specials } = template;
  const text = single.findIndex((item) => 'Sequence' in item);
  const idsOf = (items: typeof single) =>
    items.map((item) => ('SpecialToken' in item ? specials[item.SpecialToken.id] : undefined));
  const before = idsOf(single.slice(0, text));
  const after = idsOf(single.slice(text + 1));
  // Undefined: a special token without ids, or the text a second time.
  if (text === -1 || [...before, ...after].includes(undefined)) return null;
  return {
    prefix: before.flatMap((special) => special?.ids ?? []),
    suffix: after.flatMap((special) => special?.ids ?? []),
  };
}
