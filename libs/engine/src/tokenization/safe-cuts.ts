import type { TokenizerFile, TokenizerPart } from './tokenizer-file';

/**
 * Where a text may be cut so that the parts' tokens, one after another, are the whole's: before a space that follows a
 * printable ASCII character. This is exact when
 *  - no normalizer looks across such a place: those listed work on one character, on a cluster (neither an ASCII
 *    character nor a space joins the other in NFC, NFD, NFKC or NFKD; a space ends a word for the Greek final sigma),
 *    or on runs of spaces, which such a cut leaves whole;
 *  - the pre-tokenizer always splits there: whitespace splitters, the byte-level pattern and Metaspace (a space only
 *    ever begins a piece);
 *  - the next part, which begins with a space, is treated as what follows in a text: no prefix is added to a part that
 *    begins with a space, and no normalizer that strips or prepends is allowed;
 *  - no added token contains whitespace or swallows the spaces after it.
 * Where this cannot be shown, a text is tokenized whole.
 */
export function cutsAreSafe(file: TokenizerFile): boolean {
  return (
    file.added_tokens.every((token) => !token.rstrip && !/\s/u.test(token.content)) &&
    (file.normalizer === null || normalizesLocally(file.normalizer)) &&
    file.pre_tokenizer !== null &&
    splitsBeforeSpace(file.pre_tokenizer)
  );
}

/** The first safe cut at or after `from`, or the text's end. */
export function nextCut(text: string, from: number): number {
  for (let i = text.indexOf(' ', Math.max(from, 1)); i !== -1; i = text.indexOf(' ', i + 1)) {
    const before = text.charCodeAt(i - 1);
    if (before > 0x20 && before < 0x7f) return i;
  }
  return text.length;
}

function normalizesLocally(part: TokenizerPart): boolean {
  switch (part.type) {
    case 'Sequence':
      return parts(part['normalizers']).every(normalizesLocally);
    case 'BertNormalizer':
    case 'Lowercase':
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
    case 'StripAccents':
    case 'Precompiled':
      return true;
    case 'Replace':
      return replacesLocally(part['pattern']);
    default:
      return false;
  }
}

/** One character, or a run of spaces: what sentencepiece conversions write. */
function replacesLocally(pattern: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) return false;
  if ('String' in pattern && typeof pattern.String === 'string') return [...pattern.String].length === 1;
  return 'Regex' in pattern && (pattern.Regex === ' {2,}' || pattern.Regex === ' +');
}

function splitsBeforeSpace(part: TokenizerPart): boolean {
  switch (part.type) {
    case 'Sequence': {
      const members = parts(part['pretokenizers']);
      // Before the member that splits, only members that look at one character's kind or at runs of it.
      const splitter = members.findIndex(splitsBeforeSpace);
      return (
        splitter !== -1 && members.slice(0, splitter).every(({ type }) => ['Digits', 'Punctuation'].includes(type))
      );
    }
    case 'BertPreTokenizer':
    case 'Whitespace':
    case 'WhitespaceSplit':
      return true;
    case 'ByteLevel':
      return part['use_regex'] !== false;
    case 'Metaspace':
      return part['split'] !== false;
    default:
      return false;
  }
}

function parts(value: unknown): TokenizerPart[] {
  if (!Array.isArray(value)) return [];
  return value.map((part: unknown) =>
    typeof part === 'object' && part !== null && 'type' in part && typeof part.type === 'string'
      ? { ...part, type: part.type }
      : { type: 'unknown' },
  );
}
