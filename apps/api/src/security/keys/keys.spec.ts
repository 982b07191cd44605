import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatApiKey, newApiKey, parseApiKey } from './api-key';
import { parseKeyFile, readKeyFile, writeKeyFile } from './key-file';
import { KeyRing } from './key-ring';
import { createKey, describeKey, revokeKey } from './manage-keys';

const NOW = new Date('2027-01-10T12:00:00Z');
const DAY = 86_400_000;

describe('an API key', () => {
  it('is read back as it was written', () => {
    const key = newApiKey();
    expect(parseApiKey(formatApiKey(key))).toEqual(key);
    expect(Buffer.from(key.secret, 'base64url')).toHaveLength(32);
  });

  it.each(['', 'sutra_', 'sutra_0123456789abcdef_short', `sutra_0123456789ABCDEF_${'a'.repeat(43)}`, 'eyJ.eyJ.x'])(
    '%j is none',
    (text) => expect(parseApiKey(text)).toBeUndefined(),
  );
});

describe('KeyRing', () => {
  const { record, key } = createKey({ scope: 'write' }, NOW);
  const other = createKey({ scope: 'read' }, NOW);
  const ring = new KeyRing([record, other.record]);
  const at = NOW.getTime();

  it('knows the caller and its scope by the key', () => {
    expect(ring.find(key, at)).toEqual({ id: `key:${record.id}`, scopes: ['embedding.write'] });
  });

  it('knows no key by its id alone, nor by the secret of another', () => {
    const secret = (text: string) => text.slice(-43);
    expect(ring.find(key.slice(0, -43) + secret(other.key), at)).toBeUndefined();
    expect(ring.find(key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A'), at)).toBeUndefined();
    expect(ring.find(createKey({ scope: 'admin' }, NOW).key, at)).toBeUndefined();
  });

  it('knows none at all by the record that stands in for those that are missing', () => {
    expect(new KeyRing([]).find(formatApiKey(newApiKey()), 0)).toBeUndefined();
  });

  it('holds a key until it expires or is revoked', () => {
    const { record, key } = createKey({ scope: 'read', expires: '2d' }, NOW);
    const ring = new KeyRing([record]);
    expect(ring.find(key, at + 2 * DAY - 1)).toBeDefined();
    expect(ring.find(key, at + 2 * DAY)).toBeUndefined();
    expect(ring.usable(at)).toBe(1);
    expect(ring.usable(at + 2 * DAY)).toBe(0);
    expect(new KeyRing(revokeKey([record], record.id, NOW)).find(key, at)).toBeUndefined();
  });
});

describe('the key file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  const path = join(folder, 'keys.json');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('holds no key, is for its owner only, and is read back', () => {
    const { record, key } = createKey({ scope: 'read', name: 'search', expires: '2027-02-01' }, NOW);
    expect(readKeyFile(path)).toEqual([]);
    writeKeyFile(path, [record]);
    expect(readKeyFile(path)).toEqual([record]);
    expect(readFileSync(path, 'utf8')).not.toContain(parseApiKey(key)?.secret);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['no JSON', '{"version": 1, "secret-looking', 'it is not JSON'],
    ['another version', '{"version":2,"keys":[]}', 'version'],
    ['a field nobody knows', '{"version":1,"keys":[],"key":"x"}', 'the file'],
    ['a scope nobody knows', '{"version":1,"keys":[{"scope":"all"}]}', 'keys.0'],
  ])('with %s is refused, and not quoted', (_name, text, expected) => {
    expect(() => parseKeyFile(text)).toThrow(expected);
    expect(() => parseKeyFile(text)).not.toThrow('secret-looking');
  });

  it('with an id twice is refused', () => {
    const { record } = createKey({ scope: 'read' }, NOW);
    expect(() => parseKeyFile(JSON.stringify({ version: 1, keys: [record, record] }))).toThrow('same id');
  });
});

describe('managing keys', () => {
  it.each([
    [{ scope: 'everything' }, 'read, write or admin'],
    [{ scope: 'read', expires: 'soon' }, '90d, 12h or 2027-01-31'],
    [{ scope: 'read', expires: '2027-01-01' }, 'in the past'],
    [{ scope: 'read', expires: '0d' }, 'in the past'],
  ])('refuses %j', (wanted, message) => expect(() => createKey(wanted, NOW)).toThrow(message));

  it('revokes by id, once, and says when', () => {
    const { record } = createKey({ scope: 'embedding.read', name: 'n' }, NOW);
    const [revoked] = revokeKey([record], record.id, NOW);
    expect(revokeKey(revoked ? [revoked] : [], record.id, new Date())).toEqual([revoked]);
    expect(describeKey(revoked ?? record, NOW)).toContain('revoked 2027-01-10');
    expect(() => revokeKey([record], 'x', NOW)).toThrow('no key with the id "x"');
  });
});
