import type { EmbedInput, EmbedResult } from '@sutra-embedder/engine';

/** What text-embeddings-inference says of a request's cost, in its headers. */
export function computeHeaders(texts: readonly EmbedInput[], { tokens, timings }: EmbedResult): Record<string, string> {
  return {
    'x-compute-characters': String(charactersOf(texts)),
    'x-compute-tokens': String(tokens),
    'x-total-time': whole(timings.totalMs),
    'x-tokenization-time': whole(timings.tokenizeMs),
    'x-queue-time': whole(timings.queueMs),
    'x-inference-time': whole(timings.inferMs),
  };
}

/** Characters of all texts as Rust counts them: a surrogate pair is one. Of token ids, their number. */
export function charactersOf(texts: readonly EmbedInput[]): number {
  return texts.reduce((sum, text) => sum + (typeof text === 'string' ? codePointsOf(text) : text.length), 0);
}

function codePointsOf(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--;
  return count;
}

function whole(ms: number): string {
  return String(Math.round(ms));
}
