import { readFileSync } from 'node:fs';

/**
 * Reads `score<TAB>sentence<TAB>sentence` lines. No quoting: a quotation mark is part of its sentence.
 * @param {string} path
 * @returns {{ scores: number[], first: string[], second: string[] }}
 */
export function readPairs(path) {
  const pairs = { scores: [], first: [], second: [] };
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    if (line === '') continue;
    const [score, first, second, ...rest] = line.split('\t');
    if (!second || rest.length > 0 || !Number.isFinite(Number(score))) {
      throw new Error(`${path}:${index + 1} is not score<TAB>sentence<TAB>sentence`);
    }
    pairs.scores.push(Number(score));
    pairs.first.push(first);
    pairs.second.push(second);
  }
  return pairs;
}
