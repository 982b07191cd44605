/**
 * The character rules of a sentencepiece model (`Precompiled` in tokenizer.json): a double-array trie over UTF-8 from
 * character sequences to their replacements. The JavaScript library applies NFKC and a few rules of its own in their
 * place, which is near but not equal: it turns the joiner inside an emoji (U+200D) into a space, and recomposes
 * sequences that the rules leave alone.
 *
 * Layout: byte length of the trie (uint32), the trie's units (uint32 each, all little-endian), then the replacements,
 * each ended by a zero byte.
 */
export class PrecompiledCharsmap {
  private readonly units: Uint32Array;
  private readonly replacements: Uint8Array;
  private readonly ascii: string[] = [];
  private readonly segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  private readonly utf8 = new Uint8Array(GRAPHEME_BYTES + 3);

  /** @throws Error when the bytes do not hold what their header says */
  constructor(base64: string) {
    const bytes = Buffer.from(base64, 'base64');
    const size = bytes.length >= 4 ? bytes.readUInt32LE(0) : 0;
    if (size === 0 || size % 4 !== 0 || size + 4 > bytes.length) throw new Error('its precompiled_charsmap is broken');
    this.units = Uint32Array.from({ length: size / 4 }, (_, index) => bytes.readUInt32LE(4 + index * 4));
    this.replacements = bytes.subarray(4 + size);
    for (let code = 0; code < 128; code++) {
      const char = String.fromCharCode(code);
      this.ascii.push(this.replacementOf(char) ?? char);
    }
  }

  /** Replaces clusters of fewer than six bytes as a whole where a rule matches, and characters otherwise. */
  normalize(text: string): string {
    let normalized = '';
    for (let i = 0; i < text.length;) {
      if (standsAlone(text, i)) {
        const unit = text.charCodeAt(i++);
        normalized += this.ascii[unit] ?? this.replacementOf(String.fromCharCode(unit)) ?? String.fromCharCode(unit);
        continue;
      }
      const from = i++;
      while (i < text.length && !standsAlone(text, i)) i++;
      for (const { segment } of this.segmenter.segment(text.slice(from, i)))
        normalized += this.normalizeCluster(segment);
    }
    return normalized;
  }

  private normalizeCluster(cluster: string): string {
    if (cluster.length < GRAPHEME_BYTES && Buffer.byteLength(cluster) < GRAPHEME_BYTES) {
      const whole = this.replacementOf(cluster);
      if (whole !== undefined) return whole;
    }
    let normalized = '';
    for (const char of cluster) normalized += this.replacementOf(char) ?? char;
    return normalized;
  }

  /** The replacement of the shortest beginning that has a rule: the reference takes the first that its search yields. */
  private replacementOf(piece: string): string | undefined {
    const { units, utf8 } = this;
    const { written } = ENCODER.encodeInto(piece, utf8);
    let at = offsetOf(units[0] ?? 0);
    for (let i = 0; i < written; i++) {
      const byte = utf8[i] ?? 0;
      if (byte === 0) return undefined;
      at ^= byte;
      const unit = units[at] ?? 0;
      // The topmost bit marks a value, which no byte equals.
      if ((unit & 0x800000ff) !== byte) return undefined;
      at ^= offsetOf(unit);
      if ((unit & 0x100) !== 0) return this.readReplacement((units[at] ?? 0) & 0x7fffffff);
    }
    return undefined;
  }

  private readReplacement(from: number): string {
    const end = this.replacements.indexOf(0, from);
    return DECODER.decode(this.replacements.subarray(from, end === -1 ? undefined : end));
  }
}

/** Clusters of this many bytes or more are only looked at a character at a time. */
const GRAPHEME_BYTES = 6;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}

/** Whether a character and both its neighbors are of those that never join a cluster. */
function standsAlone(text: string, index: number): boolean {
  return (
    neverJoins(text.charCodeAt(index)) &&
    (index === 0 || neverJoins(text.charCodeAt(index - 1))) &&
    (index + 1 === text.length || neverJoins(text.charCodeAt(index + 1)))
  );
}

/**
 * A part of the characters whose Grapheme_Cluster_Break is Other: printable ASCII, Latin, Greek, Cyrillic, Armenian,
 * Chinese and Japanese. Asking the segmenter about each takes some hundred times as long.
 */
function neverJoins(unit: number): boolean {
  if (unit < 0x300) return (unit >= 0x20 && unit < 0x7f) || (unit >= 0xa0 && unit !== SOFT_HYPHEN);
  if (unit < 0x3000) return (unit >= 0x370 && unit <= 0x482) || (unit >= 0x48a && unit <= 0x58f);
  return (
    (unit >= 0x4e00 && unit <= 0x9fff) ||
    (unit >= 0x3400 && unit <= 0x4dbf) ||
    (unit <= 0x30ff && unit !== 0x3099 && unit !== 0x309a && (unit < 0x302a || unit > 0x302f)) ||
    (unit >= 0xff01 && unit <= 0xff9d)
  );
}

const SOFT_HYPHEN = 0xad;
