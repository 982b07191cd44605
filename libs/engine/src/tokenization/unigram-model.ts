import { z } from 'zod';
import { type TokenizerFile } from './tokenizer-file';
import { WordTrie } from './word-trie';

const Model = z.object({
  type: z.literal('Unigram'),
  vocab: z.array(z.tuple([z.string(), z.number()])).nonempty(),
  unk_id: z.int().nonnegative(),
  byte_fallback: z.boolean().default(false),
});

/** How far below the least likely piece an unknown character stands. */
const UNKNOWN_PENALTY = 10;

/**
 * Sentencepiece's unigram model: of all ways to cut a word into pieces, the one with the largest sum of log
 * probabilities, found in one pass (Viterbi) over typed arrays. The JavaScript library builds an object for each
 * candidate, passes all pieces of a word as arguments of one call, which overflows the stack on a long Chinese text, and
 * knows no byte fallback.
 *
 * T. Kudo, "Subword regularization", ACL 2018, section 3.2.
 */
export class UnigramModel {
  private readonly trie: WordTrie;
  private readonly scores: Float64Array;
  private readonly unknownScore: number;
  /** Ids of the pieces <0x00> to <0xFF>, where the model falls back to bytes. */
  private readonly bytes: (number | undefined)[];

  private constructor(
    vocabulary: readonly (readonly [string, number])[],
    private readonly unknownId: number,
    byteFallback: boolean,
  ) {
    const ids = new Map(vocabulary.map(([piece], id) => [piece, id]));
    this.trie = new WordTrie(ids);
    this.scores = Float64Array.from(vocabulary, ([, score]) => score);
    this.unknownScore = this.scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY;
    this.bytes = Array.from({ length: byteFallback ? 256 : 0 }, (_, byte) =>
      ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
    );
  }

  /** Null where the file's model is another, or gives unknown characters no id. */
  static of(file: TokenizerFile): UnigramModel | null {
    const model = Model.safeParse(file.model).data;
    return model ? new UnigramModel(model.vocab, model.unk_id, model.byte_fallback) : null;
  }

  /** Appends the ids of a word. Neighboring unknown characters count as one. */
  encode(word: string, ids: number[]): void {
    const codes = Int32Array.from(word, (char) => char.codePointAt(0) ?? 0);
    const { pieceEndingAt, startOf } = this.bestPath(codes);
    const found: number[] = [];
    for (let end = codes.length; end > 0;) {
      let start = startOf[end] ?? 0;
      const id = pieceEndingAt[end] ?? this.unknownId;
      if (id === this.unknownId) {
        while (start > 0 && pieceEndingAt[start] === this.unknownId) start = startOf[start] ?? 0;
        for (const part of this.unknown(codes.subarray(start, end)).reverse()) found.push(part);
      } else {
        found.push(id);
      }
      end = start;
    }
    for (const id of found.reverse()) ids.push(id);
  }

  /** For each place in the word the last piece of the best cut up to there, and where that piece begins. */
  private bestPath(codes: Int32Array) {
    const length = codes.length;
    const pieceEndingAt = new Int32Array(length + 1).fill(-1);
    const startOf = new Int32Array(length + 1);
    const best = new Float64Array(length + 1);
    const offer = (start: number, end: number, id: number, score: number) => {
      const total = score + (best[start] ?? 0);
      if (pieceEndingAt[end] !== -1 && total <= (best[end] ?? 0)) return;
      pieceEndingAt[end] = id;
      startOf[end] = start;
      best[end] = total;
    };
    const symbols = codes.map((code) => this.trie.symbolOf(code));
    const { base, check, ids } = this.trie;
    for (let start = 0; start < length; start++) {
      let node = this.trie.begin;
      let single = false;
      for (let at = start; at < length; at++) {
        const next = (base[node] ?? 0) + (symbols[at] ?? 0);
        if (check[next] !== node) break;
        node = next;
        const id = ids[next] ?? -1;
        if (id === -1) continue;
        offer(start, at + 1, id, id === this.unknownId ? this.unknownScore : (this.scores[id] ?? 0));
        single ||= at === start;
      }
      if (!single) offer(start, start + 1, this.unknownId, this.unknownScore);
    }
    return { pieceEndingAt, startOf };
  }

  private unknown(codes: Int32Array): number[] {
    if (this.bytes.length > 0) {
      let text = '';
      for (const code of codes) text += String.fromCodePoint(code);
      const ids = Array.from(Buffer.from(text), (byte) => this.bytes[byte]);
      if (ids.every((id) => id !== undefined)) return ids;
    }
    return [this.unknownId];
  }
}
