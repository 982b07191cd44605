import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface GoldenItem {
  readonly text: string;
  readonly token_ids: number[];
  readonly embedding: number[];
}

/** 73 texts with the token ids and vectors that sentence-transformers gives; see README.md beside this file. */
export const GOLDEN: readonly GoldenItem[] = (
  JSON.parse(readFileSync(join(__dirname, 'all-MiniLM-L6-v2.json'), 'utf8')) as { items: GoldenItem[] }
).items;
