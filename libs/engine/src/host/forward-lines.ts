import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Told each line that a session host writes to its standard output or error: complaints of native libraries. */
export type OutputListener = (line: string) => void;

const LONGEST_LINE = 1_000;

export function forwardLines(stream: Readable | null, listener: OutputListener): void {
  if (!stream) return;
  createInterface({ input: stream }).on('line', (line) => {
    if (line.trim() !== '') listener(line.slice(0, LONGEST_LINE));
  });
}
