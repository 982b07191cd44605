/** What the reference's WordPiece decoder writes closer together, in its order. */
const CLEANUPS: readonly (readonly [string, string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

/** Pieces to text: pieces that continue a word join the one before, others are set apart by a space. */
export function decodeWordPieces(
  pieces: readonly string[],
  decoder: { readonly prefix: string; readonly cleanup: boolean } | null,
): string {
  if (decoder === null) return pieces.join(' ');
  return pieces
    .map((piece, index) => {
      let text = piece;
      if (index > 0) text = piece.startsWith(decoder.prefix) ? piece.slice(decoder.prefix.length) : ` ${piece}`;
      return decoder.cleanup ? CLEANUPS.reduce((cleaned, [from, to]) => cleaned.replaceAll(from, to), text) : text;
    })
    .join('');
}
