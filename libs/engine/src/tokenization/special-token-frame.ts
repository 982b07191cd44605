import type { Encoding, TextToken, Truncation } from '../contracts';
import { InvalidArgumentError } from '../errors';

/** The special tokens a model wants around a text, and the one place that truncates between them. */
export class SpecialTokenFrame {
  constructor(
    private readonly prefix: readonly number[],
    private readonly suffix: readonly number[],
  ) {}

  /** Framed ids without their frame. */
  bare(ids: Int32Array): Int32Array {
    return ids.subarray(this.prefix.length, ids.length - this.suffix.length);
  }

  /**
   * How many ids of a text fit.
   * @throws InvalidArgumentError when not even the special tokens fit
   */
  room(limit: number, truncation: Truncation): number {
    if (truncation === 'none') return Infinity;
    const specials = this.prefix.length + this.suffix.length;
    if (Number.isInteger(limit) && limit >= specials) return limit - specials;
    throw new InvalidArgumentError(
      `The token limit must be an integer of at least ${specials}, which is what this model's special tokens take; got ${limit}`,
      { limit, special_tokens: specials },
    );
  }

  /** Frames the first `count` of `bare`, in a fresh array. */
  around(bare: ArrayLike<number>, count: number, limit: number, truncation: Truncation): Encoding {
    const kept = Math.min(count, this.room(limit, truncation));
    const first = truncation === 'start' ? count - kept : 0;
    const ids = new Int32Array(this.prefix.length + kept + this.suffix.length);
    let at = 0;
    for (const id of this.prefix) ids[at++] = id;
    for (let i = first; i < first + kept; i++) ids[at++] = bare[i] ?? 0;
    for (const id of this.suffix) ids[at++] = id;
    return { ids, truncated: kept < count };
  }

  /**
   * Framed ids as tokens.
   * @param spans where each bare id stands in its text; undefined where that is not known
   */
  tokens(
    ids: Int32Array,
    pieceOf: (id: number) => string | undefined,
    spans: readonly (readonly [number, number])[] | undefined,
  ): TextToken[] {
    const last = ids.length - this.suffix.length;
    return Array.from(ids, (id, place) => {
      const special = place < this.prefix.length || place >= last;
      return { id, piece: pieceOf(id) ?? '', special, span: special ? undefined : spans?.[place - this.prefix.length] };
    });
  }

  /**
   * Frames ids that a caller brought.
   * @throws InvalidArgumentError when one is not of the vocabulary
   */
  wrap(ids: readonly number[], vocabularySize: number, limit: number, truncation: Truncation): Encoding {
    for (const id of ids) {
      if (Number.isInteger(id) && id >= 0 && id < vocabularySize) continue;
      throw new InvalidArgumentError(
        `Token ids must be integers from 0 to ${vocabularySize - 1} for this model; got ${id}`,
        { token_id: id, vocabulary_size: vocabularySize },
      );
    }
    return this.around(ids, ids.length, limit, truncation);
  }
}
