import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The engine's own version, as its package.json states it. */
export const ENGINE_VERSION: string = (
  JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8')) as { version: string }
).version;
