import { Corpus, MIXES } from './corpus.mjs';

const wordsOf = (text) => text.split(' ').length;

describe('Corpus', () => {
  it('never gives a text twice, whichever mix asks', () => {
    const used = new Set();
    const texts = [...new Corpus('short', 1, used).take(6000), ...new Corpus('mixed', 2, used).take(600)];
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('gives the same texts for a seed and others for another', () => {
    expect(new Corpus('mixed', 7).take(60)).toEqual(new Corpus('mixed', 7).take(60));
    expect(new Corpus('mixed', 7).take(60)).not.toEqual(new Corpus('mixed', 8).take(60));
  });

  it('keeps short texts to 5 to 30 words, about 14 on average', () => {
    const lengths = new Corpus('short', 3).take(3000).map(wordsOf);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(30);
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    expect(mean).toBeGreaterThan(13);
    expect(mean).toBeLessThan(15.5);
  });

  it('mixes half short, a third medium and a sixth long texts in every block', () => {
    const corpus = new Corpus('mixed', 4);
    for (let block = 0; block < 20; block++) {
      const lengths = corpus.take(60).map(wordsOf);
      expect(lengths.filter((length) => length >= 5 && length <= 30)).toHaveLength(30);
      expect(lengths.filter((length) => length >= 50 && length <= 150)).toHaveLength(20);
      expect(lengths.filter((length) => length >= 200 && length <= 400)).toHaveLength(10);
    }
  });

  it('makes texts of at least 260 words where every text is to be cut', () => {
    expect(
      new Corpus('long', 5)
        .take(100)
        .map(wordsOf)
        .every((length) => length >= 260 && length <= 400),
    ).toBe(true);
  });

  it('knows its mixes', () => {
    expect(Object.keys(MIXES)).toEqual(['short', 'mixed', 'long']);
  });
});
