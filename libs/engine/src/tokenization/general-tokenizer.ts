import type { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import type { Encoding, TextToken, Tokenizer, Truncation } from '../contracts';
import { ModelNotAvailableError } from '../errors';
import { LibraryPipeline } from './library-pipeline';
import { cutsAreSafe, nextCut } from './safe-cuts';
import { SpecialTokenFrame } from './special-token-frame';
import type { TokenizerFile } from './tokenizer-file';

/** Characters tokenized at once where a text may be cut; the library builds its structures for a part as a whole. */
const PART = 4096;

/** Any tokenizer.json, through the parts of Hugging Face's JavaScript library. */
export class GeneralTokenizer implements Tokenizer {
  private constructor(
    private readonly pipeline: LibraryPipeline,
    private readonly frame: SpecialTokenFrame,
    private readonly cuts: boolean,
  ) {}

  /** @throws ModelNotAvailableError when the file asks for something the library does not have */
  static async create(file: TokenizerFile, specialTokens = true): Promise<GeneralTokenizer> {
    // Loaded only when needed: BERT models go through WordPieceTokenizer and never touch this library.
    const { Tokenizer: HuggingFace } = await import('@huggingface/tokenizers');
    try {
      const inner = new HuggingFace(file, {});
      const frame = specialTokens ? frameOf(inner) : new SpecialTokenFrame([], []);
      return new GeneralTokenizer(new LibraryPipeline(inner, file), frame, cutsAreSafe(file));
    } catch (cause) {
      throw new ModelNotAvailableError(
        `This model's tokenizer.json (${file.model.type ?? 'untyped'} model) needs a part that is not supported: ` +
          `${cause instanceof Error ? cause.message : String(cause)}; use another model`,
      );
    }
  }

  get vocabularySize(): number {
    return this.pipeline.vocabularySize;
  }

  encode(text: string, limit: number, truncation: Truncation): Encoding {
    const room = this.frame.room(limit, truncation);
    // The reference only ever sees UTF-8, in which a lone surrogate has become U+FFFD.
    const bare = this.bareIds(text.toWellFormed(), truncation === 'end' ? room : Infinity);
    return this.frame.around(bare, bare.length, limit, truncation);
  }

  decode(ids: Int32Array | readonly number[], special: 'kept' | 'left out' = 'left out'): string {
    return this.pipeline.decode(ids, special === 'kept');
  }

  /** The library's parts do not say where in a text a piece came from. */
  tokens(text: string): readonly TextToken[] {
    const { ids } = this.encode(text, Infinity, 'none');
    return this.frame.tokens(ids, (id) => this.pipeline.pieceOf(id), undefined);
  }

  wrap(ids: readonly number[], limit: number, truncation: Truncation): Encoding {
    return this.frame.wrap(ids, this.vocabularySize, limit, truncation);
  }

  /** All ids of the text, or, once more than `enough` are known, those. */
  private bareIds(text: string, enough: number): number[] {
    if (!this.cuts || text.length <= PART) return this.pipeline.encode(text);
    const ids: number[] = [];
    for (let from = 0; from < text.length && ids.length <= enough;) {
      const to = nextCut(text, from + PART);
      for (const id of this.pipeline.encode(text.slice(from, to))) ids.push(id);
      from = to;
    }
    return ids;
  }
}

/** Encodes a text with and without special tokens; what stands around the second in the first is the frame. */
function frameOf(inner: HuggingFaceTokenizer): SpecialTokenFrame {
  const bare: number[] = inner.encode('a', { add_special_tokens: false }).ids;
  const framed: number[] = inner.encode('a').ids;
  for (let at = 0; at + bare.length <= framed.length; at++) {
    if (bare.every((id, i) => framed[at + i] === id)) {
      return new SpecialTokenFrame(framed.slice(0, at), framed.slice(at + bare.length));
    }
  }
  throw new Error('its post-processor does not keep the ids of a text together');
}
