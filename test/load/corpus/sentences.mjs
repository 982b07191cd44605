import {
  ACTIONS,
  CIRCUMSTANCES,
  DEEDS,
  IDEAS,
  LINKS,
  MANNERS,
  NAMES,
  OPENINGS,
  PEOPLE,
  PLACES,
  QUALITIES,
  SAYINGS,
  THINGS,
  TIMES,
  UNITS,
} from './vocabulary.data.mjs';

/** Words of the longest phrase that can be added to a sentence: a text overshoots its target by less. */
const LONGEST_PHRASE = 6;

/** Writes sentences that read like English and whose words are drawn with Zipf-like frequencies. */
export class SentenceWriter {
  /** @param {() => number} random in [0, 1) */
  constructor(random) {
    this.random = random;
  }

  /**
   * @param {number} least fewest words
   * @param {number} most words, at least `least` + 6
   * @param {number} target words aimed at
   * @returns {string} a text of `least` to `most` words
   */
  text(least, most, target) {
    const aim = Math.max(least, Math.min(target, most - LONGEST_PHRASE));
    const sentences = [];
    let count = 0;
    while (count < aim) {
      const left = aim - count;
      const length = left < 12 ? left : Math.min(left, 6 + this.below(18));
      const sentence = this.sentence(length);
      // A short rest would overshoot as a sentence of its own: it joins the one before.
      if (sentences.length > 0 && count + sentence.length > most) {
        const rest = this.adjunct();
        sentences[sentences.length - 1].push(...rest);
        count += rest.length;
      } else {
        sentences.push(sentence);
        count += sentence.length;
      }
    }
    return sentences.map((sentence) => this.finish(sentence)).join(' ');
  }

  /** @param {number} length words aimed at; less than one phrase more may come */
  sentence(length) {
    if (length >= 9 && this.random() < 0.15) return this.extend([...this.pick(OPENINGS).split(' ')], length);
    return this.extend([], length);
  }

  extend(words, length) {
    words.push(...(length < 7 ? this.shortClause() : this.clause()));
    while (words.length < length) {
      const room = length - words.length;
      if (room >= 8 && this.random() < 0.5) {
        words[words.length - 1] += ',';
        words.push(...this.pick(LINKS).split(' '), ...this.clause());
      } else words.push(...this.adjunct());
    }
    return words;
  }

  finish(words) {
    const text = words.join(' ');
    return `${text[0].toUpperCase()}${text.slice(1)}${this.random() < 0.05 ? '!' : '.'}`;
  }

  /** 3 to 5 words. */
  shortClause() {
    return [
      ...(this.random() < 0.3 ? [this.pick(NAMES)] : ['the', this.pick(PEOPLE)]),
      this.pick(DEEDS),
      this.pick(MANNERS),
    ];
  }

  /** 4 to 11 words. */
  clause() {
    const kind = this.random();
    if (kind < 0.08) return this.pick(SAYINGS).split(' ');
    if (kind < 0.25) return [...this.someone(), this.pick(DEEDS), this.pick(MANNERS)];
    if (kind < 0.35) return [...this.something(), 'of', ...this.someone(), 'was', this.pick(QUALITIES)];
    if (kind < 0.45) return ['the', this.pick(IDEAS), 'of', 'the', this.pick(THINGS), 'was', 'about', ...this.amount()];
    return [...this.someone(), this.pick(ACTIONS), ...this.something()];
  }

  someone() {
    const kind = this.random();
    if (kind < 0.15) return [this.pick(NAMES)];
    if (kind < 0.2) return [this.pick(NAMES), this.pick(NAMES)];
    return this.described(PEOPLE);
  }

  something() {
    return this.described(this.random() < 0.6 ? THINGS : IDEAS);
  }

  described(nouns) {
    const noun = this.pick(nouns);
    if (this.random() < 0.5) return [this.random() < 0.7 ? 'the' : 'this', noun];
    const quality = this.pick(QUALITIES);
    if (this.random() < 0.5) return ['the', quality, noun];
    return [/^[aeiou]/.test(quality) ? 'an' : 'a', quality, noun];
  }

  amount() {
    const number = Math.floor(10 ** (1 + this.random() * 3));
    return [this.random() < 0.2 ? (number / 10).toFixed(1) : String(number), this.pick(UNITS)];
  }

  /** 1 to 6 words. */
  adjunct() {
    const kind = this.random();
    if (kind < 0.3) return this.pick(PLACES).split(' ');
    if (kind < 0.55) return this.pick(TIMES).split(' ');
    if (kind < 0.75) return this.pick(CIRCUMSTANCES).split(' ');
    if (kind < 0.85) return [this.pick(MANNERS)];
    if (kind < 0.95) return ['with', ...this.something()];
    return ['after', ...this.amount()];
  }

  /** Words near the front of a list come more often: rank r is drawn about as often as 1 / (r + 4). */
  pick(list) {
    const rank = Math.floor(4 * ((list.length + 4) / 4) ** this.random() - 4);
    return list[Math.min(rank, list.length - 1)];
  }

  below(limit) {
    return Math.floor(this.random() * limit);
  }
}
