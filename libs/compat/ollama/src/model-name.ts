import { InvalidArgumentError } from '@sutra-embedder/engine';

/** What Ollama's library calls models that are known here under other names. All are the same weights. */
const LIBRARY: Readonly<Record<string, string>> = {
  'all-minilm': 'all-MiniLM-L6-v2',
  'all-minilm:22m': 'all-MiniLM-L6-v2',
  'all-minilm:l6-v2': 'all-MiniLM-L6-v2',
  'chroma/all-minilm-l6-v2-f32': 'all-MiniLM-L6-v2',
  'bge-large': 'bge-large-en-v1.5',
  'bge-large:335m': 'bge-large-en-v1.5',
  'nomic-embed-text': 'nomic-embed-text-v1.5',
  'nomic-embed-text:v1.5': 'nomic-embed-text-v1.5',
};
const TAG = ':latest';

/**
 * The name a model has here: without the tag that every name has in Ollama, or what its library's name stands for.
 * @throws InvalidArgumentError where none is given
 */
export function servedName(name: string | null | undefined): string {
  if (!name) throw new InvalidArgumentError('model is required', { field: 'model' });
  const untagged = name.endsWith(TAG) ? name.slice(0, -TAG.length) : name;
  return (Object.hasOwn(LIBRARY, untagged) && LIBRARY[untagged]) || untagged;
}

/** A name as Ollama lists it, tag included. */
export function tagged(name: string): string {
  return name.includes(':') ? name : name + TAG;
}
