import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { SCOPES } from '@sutra-embedder/engine';
import { z } from 'zod';

const bytes = (length: number) =>
  z.string().refine((text) => Buffer.from(text, 'base64url').length === length, `must be ${length} bytes as base64url`);

/** What is kept of a key: enough to know it again, not enough to make it. */
const record = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  name: z.string().optional(),
  scope: z.enum(SCOPES),
  salt: bytes(16),
  hash: bytes(32),
  created: z.iso.datetime(),
  expires: z.iso.datetime().optional(),
  revoked: z.iso.datetime().optional(),
});

const file = z
  .strictObject({ version: z.literal(1), keys: z.array(record) })
  .refine(({ keys }) => new Set(keys.map(({ id }) => id)).size === keys.length, 'two keys have the same id');

export type KeyRecord = Readonly<z.infer<typeof record>>;

/** @throws Error saying what is wrong with the file */
export function parseKeyFile(text: string): readonly KeyRecord[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the file.
    throw new Error('it is not JSON; make it with "npm run keys"');
  }
  const parsed = file.safeParse(value);
  if (parsed.success) return parsed.data.keys;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join('.') || 'the file'}: ${issue?.message}; make it with "npm run keys"`);
}

/** No keys where there is no file yet. */
export function readKeyFile(path: string): readonly KeyRecord[] {
  return existsSync(path) ? parseKeyFile(readFileSync(path, 'utf8')) : [];
}

/** By a rename: a server that reads it meanwhile sees the old file or the new one. */
export function writeKeyFile(path: string, keys: readonly KeyRecord[]): void {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  writeFileSync(temporary, `${JSON.stringify({ version: 1, keys }, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(temporary, path);
}
