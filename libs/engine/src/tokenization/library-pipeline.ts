import type { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { AddedTokens, divideByStage, isNormalized } from './added-tokens';
import { BertCharacters } from './bert-characters';
import { PrecompiledCharsmap } from './precompiled-charsmap';
import { type TokenizerFile } from './tokenizer-file';
import { UnigramModel } from './unigram-model';
import { readBertNormalization } from './wordpiece-config';

type Normalize = (text: string) => string;
type PreTokenize = (text: string, options: { section_index: number }) => string[];

/**
 * The steps of a tokenizer.json, each done by a part of Hugging Face's JavaScript library, put together here because
 * the library's own `encode` departs from the reference (tokenizers 0.23) around added tokens:
 *  - it lets the model make pieces that are only added tokens (an added `zq` turns up in the middle of `ZQuez`);
 *  - a section that only normalizing turns into an added token counts as one (`[MAS\u212a]`, with a Kelvin sign, gives
 *    the mask token);
 *  - it ignores `single_word`, and `lstrip` and `rstrip` trim what JavaScript takes for whitespace.
 * BERT's normalizer and pre-tokenizer, sentencepiece's rules and its unigram model are our own as well; BertCharacters,
 * PrecompiledCharsmap and UnigramModel say why.
 */
export class LibraryPipeline {
  private readonly raw: AddedTokens;
  private readonly normalized: AddedTokens;
  private readonly normalize: Normalize;
  private readonly preTokenize: PreTokenize;
  private readonly unigram: UnigramModel | null;
  private readonly model: (words: string[]) => string[];
  private readonly ids: ReadonlyMap<string, number>;
  private readonly unknownId: number | undefined;
  /** What each id reads as; added tokens in their normalized form where that is what is matched, as in the reference. */
  private readonly pieces: (string | undefined)[];
  private readonly special: ReadonlySet<number>;
  private readonly joinPieces: (pieces: string[]) => string;

  constructor(inner: HuggingFaceTokenizer, file: TokenizerFile) {
    const { normalizer, pre_tokenizer, model, decoder } = inner;
    if (model === null) throw new Error('it has no model');
    useCharsmaps(normalizer);
    splitAtMarks(pre_tokenizer, file.pre_tokenizer);
    this.normalize = referenceNormalizer(file) ?? (normalizer === null ? (text) => text : (text) => normalizer(text));
    this.preTokenize =
      referencePreTokenizer(file) ??
      (pre_tokenizer === null ? (text) => [text] : (text, options) => pre_tokenizer(text, options));
    const own = ownVocabulary(file);
    for (const { content } of file.added_tokens) if (!own.has(content)) model.tokens_to_ids.delete(content);
    this.model = (words) => model(words);
    this.unigram = UnigramModel.of(file);
    this.ids = own;
    this.unknownId = model.unk_token_id;

    const { raw, normalized } = divideByStage(file.added_tokens);
    this.raw = new AddedTokens(raw, (content) => content);
    this.normalized = new AddedTokens(normalized, this.normalize);
    this.pieces = [];
    for (const [piece, id] of own) this.pieces[id] = piece;
    for (const token of file.added_tokens) {
      this.pieces[token.id] = isNormalized(token) ? this.normalize(token.content) : token.content;
    }
    this.special = new Set(file.added_tokens.filter((token) => token.special).map((token) => token.id));
    this.joinPieces = decoder === null ? (pieces) => pieces.join(' ') : (pieces) => decoder(pieces);
  }

  /** One more than the largest id. */
  get vocabularySize(): number {
    return this.pieces.length;
  }

  /** Ids of a well-formed text without the special tokens around it. */
  encode(text: string): number[] {
    const ids: number[] = [];
    for (const section of this.raw.split(text)) {
      if (section.id !== undefined) {
        ids.push(section.id);
        continue;
      }
      for (const part of this.normalized.split(this.normalize(section.text))) {
        if (part.id !== undefined) ids.push(part.id);
        else this.encodePart(part.text, section.start === 0 && part.start === 0, ids);
      }
    }
    return ids;
  }

  pieceOf(id: number): string | undefined {
    return this.pieces[id];
  }

  /** Unknown ids are left out, and special tokens unless they are to be kept. */
  decode(ids: Iterable<number>, keepSpecial = false): string {
    const pieces: string[] = [];
    for (const id of ids) {
      const piece = this.pieces[id];
      if (piece !== undefined && (keepSpecial || !this.special.has(id))) pieces.push(piece);
    }
    return this.joinPieces(pieces);
  }

  private encodePart(text: string, isFirst: boolean, ids: number[]): void {
    // The index only tells Metaspace's scheme `first` whether it stands at the start.
    const words = this.preTokenize(text, { section_index: isFirst ? 0 : 1 });
    for (const word of words) {
      if (this.unigram !== null) {
        this.unigram.encode(word, ids);
        continue;
      }
      // One word at a time: unknown pieces are fused within a word, not across words.
      for (const piece of this.model([word])) {
        const id = this.ids.get(piece) ?? this.unknownId;
        if (id !== undefined) ids.push(id);
      }
    }
  }
}

function referenceNormalizer(file: TokenizerFile): Normalize | undefined {
  const normalization = readBertNormalization(file.normalizer);
  if (normalization === null) return undefined;
  const characters = new BertCharacters(normalization);
  return (text) => characters.normalizeText(text);
}

function referencePreTokenizer(file: TokenizerFile): PreTokenize | undefined {
  if (file.pre_tokenizer?.type !== 'BertPreTokenizer') return undefined;
  const characters = new BertCharacters({
    cleanText: false,
    handleChineseChars: false,
    stripAccents: false,
    lowercase: false,
  });
  return (text) => characters.split(text);
}

/** Gives every Precompiled normalizer, alone or in a sequence, the rules that its file carries. */
function useCharsmaps(normalizer: unknown): void {
  // The library's parts are functions with fields.
  if (typeof normalizer !== 'function') return;
  if ('normalizers' in normalizer && Array.isArray(normalizer.normalizers))
    normalizer.normalizers.forEach(useCharsmaps);
  if (!('charsmap' in normalizer)) return;
  const { charsmap } = normalizer;
  if (typeof charsmap !== 'string' || charsmap === '') return;
  const rules = new PrecompiledCharsmap(charsmap);
  Object.assign(normalizer, { normalize: (text: string) => rules.normalize(text) });
}

/**
 * Makes Metaspace split before each space mark, as it says in the file unless `split` is false. The library never does;
 * one lattice over a whole text then breaks ties by how the sums before it were rounded.
 */
function splitAtMarks(preTokenizer: unknown, part: unknown): void {
  if (typeof preTokenizer !== 'function' || typeof part !== 'object' || part === null) return;
  if ('tokenizers' in preTokenizer && Array.isArray(preTokenizer.tokenizers)) {
    const parts: unknown = 'pretokenizers' in part ? part.pretokenizers : undefined;
    if (Array.isArray(parts)) preTokenizer.tokenizers.forEach((member, index) => splitAtMarks(member, parts[index]));
  }
  if (!('type' in part) || part.type !== 'Metaspace' || ('split' in part && part.split === false)) return;
  if (!('replacement' in preTokenizer && 'pre_tokenize_text' in preTokenizer)) return;
  const { replacement: mark, pre_tokenize_text: inner } = preTokenizer;
  if (typeof mark !== 'string' || typeof inner !== 'function') return;
  Object.assign(preTokenizer, {
    pre_tokenize_text: (...args: unknown[]) => {
      const texts = Reflect.apply(inner, preTokenizer, args) as string[];
      return texts.flatMap((text) =>
        text.split(mark).flatMap((word, index) => (index > 0 ? [mark + word] : word === '' ? [] : [word])),
      );
    },
  });
}

/** The model's pieces, without the added tokens. */
function ownVocabulary(file: TokenizerFile): ReadonlyMap<string, number> {
  const vocabulary = file.model['vocab'];
  if (Array.isArray(vocabulary)) {
    return new Map(
      vocabulary.map((entry: unknown, id) => [Array.isArray(entry) ? String(entry[0]) : String(entry), id]),
    );
  }
  if (typeof vocabulary !== 'object' || vocabulary === null) throw new Error('its model has no vocabulary');
  return new Map(Object.entries(vocabulary).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}
