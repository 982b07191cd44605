import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The instructions of a Dockerfile, in order.
 * @param {string} text
 * @returns {{ name: string, rest: string }[]}
 */
export function instructionsOf(text) {
  return text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name, rest] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? [];
      return { name: name.toUpperCase(), rest: rest.trim() };
    });
}

/** Value pairs of an ENV or LABEL instruction. */
export function pairsOf(rest) {
  return Object.fromEntries(
    [...rest.matchAll(/([\w.]+)=("[^"]*"|\S+)/g)].map(([, name, value]) => [name, unquote(value)]),
  );
}

function unquote(value) {
  return value.startsWith('"') ? value.slice(1, -1) : value;
}

/**
 * Files of a build context: the last line of .dockerignore that matches a path, or a folder above it, decides.
 * @returns {string[]} relative to the root
 */
export function contextOf(root) {
  const rules = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keep: line.startsWith('!'), matches: toRegExp(line.replace(/^!/, '')) }));
  const found = [];
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      // What is never taken needs no look inside, and is the greater part.
      if (entry.name === 'node_modules' || entry.name === '.git') continue;
      if (entry.isDirectory()) walk(path);
      else if (rules.findLast(({ matches }) => matches.test(path))?.keep ?? true) found.push(path);
    }
  };
  walk('');
  return found;
}

/** Matches a path and everything below it. */
function toRegExp(pattern) {
  const source = pattern
    .split('/')
    .map((part) =>
      part === '**' ? '(?:.*/)?' : `${part.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}/`,
    )
    .join('')
    .replace(/\/$/, '');
  return new RegExp(`^${source}(?:/.*)?$`);
}
