import { seededRandom, shuffle } from './random.mjs';
import { SentenceWriter } from './sentences.mjs';

/**
 * Lengths in words. Each block of texts holds every length class in its exact share, with lengths spread evenly over
 * the class, so that any stretch of the corpus costs nearly the same and a short measurement is not a lucky one.
 * `skew` bends the spread toward the short end: 1 is uniform.
 */
const SHORT = { least: 5, most: 30, skew: 2 };
const MEDIUM = { least: 50, most: 150, skew: 1 };
const LONG = { least: 200, most: 400, skew: 1 };

export const MIXES = Object.freeze({
  /** 5 to 30 words. */
  short: [{ ...SHORT, share: 30 }],
  /** Half 5 to 30 words, a third 50 to 150, the rest 200 to 400. */
  mixed: [
    { ...SHORT, share: 30 },
    { ...MEDIUM, share: 20 },
    { ...LONG, share: 10 },
  ],
  /** Every text longer than 256 tokens. */
  long: [{ least: 260, most: 400, skew: 1, share: 10 }],
});

/** An endless supply of texts, none of which comes twice. */
export class Corpus {
  /**
   * @param {keyof typeof MIXES} mix
   * @param {number} seed
   * @param {Set<string>} [used] texts that must not come again; shared between the corpora of one run
   */
  constructor(mix, seed, used = new Set()) {
    this.classes = MIXES[mix];
    this.random = seededRandom(seed);
    this.writer = new SentenceWriter(this.random);
    this.used = used;
    /** @type {string[]} */
    this.block = [];
  }

  /** @param {number} count @returns {string[]} */
  take(count) {
    return Array.from({ length: count }, () => this.next());
  }

  next() {
    if (this.block.length === 0)
      this.block = shuffle(
        this.classes.flatMap((lengths) => this.write(lengths)),
        this.random,
      );
    return this.block.pop();
  }

  write({ least, most, skew, share }) {
    return Array.from({ length: share }, (_, i) => {
      const spread = ((i + this.random()) / share) ** skew;
      return this.unused(() => this.writer.text(least, most, Math.round(least + (most - least) * spread)));
    });
  }

  unused(write) {
    for (;;) {
      const text = write();
      if (this.used.has(text)) continue;
      this.used.add(text);
      return text;
    }
  }
}
