import { randomBytes } from 'node:crypto';
import { SCOPES, type Scope } from '@sutra-embedder/engine';
import { formatApiKey, hashSecret, newApiKey } from './api-key';
import type { KeyRecord } from './key-file';

export interface NewKey {
  /** `read` or `embedding.read`, and so on. */
  readonly scope: string;
  readonly name?: string | undefined;
  /** A time from now such as `90d` or `12h`, or a date such as `2027-01-31`. */
  readonly expires?: string | undefined;
}

const UNIT_MS = { h: 3_600_000, d: 86_400_000 } as const;

/** @throws Error where the scope or the time cannot be understood */
export function createKey({ scope, name, expires }: NewKey, now: Date): { record: KeyRecord; key: string } {
  const { id, secret } = newApiKey();
  const salt = randomBytes(16);
  return {
    key: formatApiKey({ id, secret }),
    record: {
      id,
      ...(name !== undefined && { name }),
      scope: scopeOf(scope),
      salt: salt.toString('base64url'),
      hash: hashSecret(secret, salt).toString('base64url'),
      created: now.toISOString(),
      ...(expires !== undefined && { expires: timeOf(expires, now).toISOString() }),
    },
  };
}

/** @throws Error where there is no such key */
export function revokeKey(records: readonly KeyRecord[], id: string, now: Date): KeyRecord[] {
  if (!records.some((record) => record.id === id)) {
    throw new Error(`There is no key with the id "${id}"; "npm run keys -- list" shows those there are`);
  }
  return records.map((record) =>
    record.id === id && record.revoked === undefined ? { ...record, revoked: now.toISOString() } : record,
  );
}

/** One line a key, for a person to read. */
export function describeKey({ id, name, scope, created, expires, revoked }: KeyRecord, now: Date): string {
  const day = (time: string) => time.slice(0, 10);
  const state =
    revoked !== undefined
      ? `revoked ${day(revoked)}`
      : expires === undefined
        ? 'never expires'
        : `${Date.parse(expires) <= now.getTime() ? 'expired' : 'expires'} ${day(expires)}`;
  return [id, scope.padEnd(15), `created ${day(created)}`, state.padEnd(18), name ?? ''].join('  ').trimEnd();
}

function scopeOf(text: string): Scope {
  const scope = SCOPES.find((known) => known === text || known === `embedding.${text}`);
  if (!scope) throw new Error(`--scope "${text}" is not known; use read, write or admin`);
  return scope;
}

function timeOf(text: string, now: Date): Date {
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  const time =
    count === undefined
      ? /^\d{4}-\d\d-\d\d/.test(text)
        ? new Date(text)
        : new Date(NaN)
      : new Date(now.getTime() + Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]);
  if (Number.isNaN(time.getTime()))
    throw new Error(`--expires "${text}" is not understood; use 90d, 12h or 2027-01-31`);
  if (time <= now) throw new Error(`--expires "${text}" is in the past`);
  return time;
}
