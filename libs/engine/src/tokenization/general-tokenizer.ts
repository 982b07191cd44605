import type { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import type { Encoding, Tokenizer, Truncation } from '../contracts';
import { ModelNotAvailableError } from '../errors';
import { cutsAreSafe, nextCut } from './safe-cuts';
import { SpecialTokenFrame } from './special-token-frame';
import type { TokenizerFile } from './tokenizer-file';

/** Characters tokenized at once where a text may be cut; the library builds its structures for a part as a whole. */
const PART = 4096;

/** Any tokenizer.json, through Hugging Face's JavaScript library. */
export class GeneralTokenizer implements Tokenizer {
  readonly vocabularySize: number;
  private readonly frame: SpecialTokenFrame;

  private constructor(
    private readonly inner: HuggingFaceTokenizer,
    private readonly cuts: boolean,
  ) {
    this.vocabularySize = 1 + [...inner.get_vocab().values()].reduce((most, id) => Math.max(most, id), -1);
    this.frame = frameOf(inner);
  }

  /** @throws ModelNotAvailableError when the file asks for something the library does not have */
  static async create(file: TokenizerFile): Promise<GeneralTokenizer> {
    // Loaded only when needed: most models go through the WordPiece tokenizer and never touch this library.
    const { Tokenizer: HuggingFace } = await import('@huggingface/tokenizers');
    try {
      return new GeneralTokenizer(new HuggingFace(file, {}), cutsAreSafe(file));
    } catch (cause) {
      throw new ModelNotAvailableError(
        `This model's tokenizer.json (${file.model.type ?? 'untyped'} model) needs a part that is not supported: ` +
          `${cause instanceof Error ? cause.message : String(cause)}`,
      );
    }
  }

  encode(text: string, limit: number, truncation: Truncation): Encoding {
    const room = this.frame.room(limit, truncation);
    // The reference only ever sees UTF-8, in which a lone surrogate has become U+FFFD.
    const bare = this.bareIds(text.toWellFormed(), truncation === 'end' ? room : Infinity);
    return this.frame.around(bare, bare.length, limit, truncation);
  }

  decode(ids: Int32Array | readonly number[]): string {
    const known = Array.from(ids).filter((id) => this.inner.id_to_token(id) !== undefined);
    if (known.length === 0) return '';
    return this.inner.decode(known, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
  }

  wrap(ids: readonly number[], limit: number, truncation: Truncation): Encoding {
    return this.frame.wrap(ids, this.vocabularySize, limit, truncation);
  }

  /** All ids of the text, or, once more than `enough` are known, those. */
  private bareIds(text: string, enough: number): number[] {
    if (!this.cuts || text.length <= PART) return bareIds(this.inner, text);
    const ids: number[] = [];
    for (let from = 0; from < text.length && ids.length <= enough;) {
      const to = nextCut(text, from + PART);
      for (const id of bareIds(this.inner, text.slice(from, to))) ids.push(id);
      from = to;
    }
    return ids;
  }
}

function bareIds(inner: HuggingFaceTokenizer, text: string): number[] {
  return inner.encode(text, { add_special_tokens: false }).ids;
}

/** Encodes a text with and without special tokens; what stands around the second in the first is the frame. */
function frameOf(inner: HuggingFaceTokenizer): SpecialTokenFrame {
  const bare = bareIds(inner, 'a');
  const framed = inner.encode('a').ids;
  for (let at = 0; at + bare.length <= framed.length; at++) {
    if (bare.every((id, i) => framed[at + i] === id)) {
      return new SpecialTokenFrame(framed.slice(0, at), framed.slice(at + bare.length));
    }
  }
  throw new Error('its post-processor does not keep the ids of a text together');
}
