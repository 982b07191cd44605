import { hash, randomBytes } from 'node:crypto';

/** An API key: the id finds its record, the secret proves it. 256 random bits need no slow hash. */
export interface ApiKey {
  readonly id: string;
  readonly secret: string;
}

const ID_BYTES = 8;
const SECRET_BYTES = 32;
const FORM = /^sutra_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

export function newApiKey(random: (bytes: number) => Buffer = randomBytes): ApiKey {
  return { id: random(ID_BYTES).toString('hex'), secret: random(SECRET_BYTES).toString('base64url') };
}

export function formatApiKey({ id, secret }: ApiKey): string {
  return `sutra_${id}_${secret}`;
}

/** undefined for what is no key of this server. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = FORM.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** What is stored of a secret. */
export function hashSecret(secret: string, salt: Buffer): Buffer {
  return hash('sha256', Buffer.concat([salt, Buffer.from(secret)]), 'buffer');
}
