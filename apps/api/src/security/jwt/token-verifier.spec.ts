import { createServer, type Server } from 'node:http';
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { EngineError } from '@sutra-embedder/engine';
import * as jose from 'jose';
import { remoteKeys } from './remote-keys';
import { TokenVerifier, type KeySet } from './token-verifier';
import { publicKey, secretKey, type VerificationKey } from './verification-key';

const RULES = { issuer: 'https://issuer.example', audience: 'embedder' };
const NOW = Date.parse('2027-01-10T12:00:00Z');
const SECOND = NOW / 1000;
const CLAIMS = {
  iss: RULES.issuer,
  aud: RULES.audience,
  sub: 'alice',
  scope: 'openid embedding.write',
  exp: SECOND + 60,
};

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const pem = (key: KeyObject) => Buffer.from(key.export({ type: 'spki', format: 'pem' }));
const SECRET = 'a secret of at least thirty-two bytes';
const secret = secretKey(Buffer.from(`${SECRET}\n`));

const sign = (claims: object, alg: string, key: KeyObject | Uint8Array, header: object = {}) =>
  new jose.SignJWT({ ...claims }).setProtectedHeader({ alg, ...header }).sign(key);
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const verifier = (key: VerificationKey | KeySet, now = () => NOW) => new TokenVerifier(jose, () => key, RULES, now);
const outcome = async (verifier: TokenVerifier, token: string) => {
  try {
    return await verifier.verify(token);
  } catch (error) {
    return EngineError.is(error) ? error.code : error;
  }
};

describe('TokenVerifier', () => {
  const rs256 = publicKey(pem(rsa.publicKey));
  const kinds: Record<string, [VerificationKey, KeyObject | Uint8Array]> = {
    HS256: [secret, Buffer.from(SECRET)],
    RS256: [rs256, rsa.privateKey],
    ES256: [publicKey(pem(ec.publicKey)), ec.privateKey],
  };

  describe.each(Object.entries(kinds))('%s', (algorithm, [key, signer]) => {
    it('knows subject and scopes of a good token', async () => {
      const token = await sign(CLAIMS, algorithm, signer);
      expect(await outcome(verifier(key), token)).toEqual({ id: 'jwt:alice', scopes: ['embedding.write'] });
    });

    it.each<[string, object]>([
      ['expired', { exp: SECOND - 11 }],
      ['without expiry', { exp: undefined }],
      ['not valid yet', { nbf: SECOND + 11 }],
      ['for another audience', { aud: 'somebody-else' }],
      ['without audience', { aud: undefined }],
      ['of another issuer', { iss: 'https://other.example' }],
      ['without issuer', { iss: undefined }],
      ['without subject', { sub: undefined }],
      ['with an empty subject', { sub: '' }],
      ['with a subject too long', { sub: 'x'.repeat(257) }],
      ['whose expiry is no number', { exp: 'never' }],
    ])('refuses one %s', async (_name, claims) => {
      expect(await outcome(verifier(key), await sign({ ...CLAIMS, ...claims }, algorithm, signer))).toBe(
        'UNAUTHENTICATED',
      );
    });

    it.each<[string, object]>([
      ['expired within the tolerance', { exp: SECOND - 9 }],
      ['not valid yet within the tolerance', { nbf: SECOND + 9 }],
      ['for several audiences, this one among them', { aud: ['x', RULES.audience] }],
    ])('takes one %s', async (_name, claims) => {
      const token = await sign({ ...CLAIMS, ...claims }, algorithm, signer);
      expect(await outcome(verifier(key), token)).toMatchObject({ id: 'jwt:alice' });
    });

    it('refuses one whose claims, header or signature were touched', async () => {
      const [header, payload, signature = ''] = (await sign(CLAIMS, algorithm, signer)).split('.');
      const admin = encode({ ...CLAIMS, scope: 'embedding.admin' });
      const flipped = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
      for (const token of [
        [header, admin, signature],
        [encode({ alg: algorithm, typ: 'x' }), payload, signature],
        [header, payload, flipped],
        [header, payload, ''],
        [header, payload],
        [header, payload, signature, signature],
      ]) {
        expect(await outcome(verifier(key), token.join('.'))).toBe('UNAUTHENTICATED');
      }
    });

    it.each(['none', 'None', 'NONE'])('refuses the algorithm %s', async (alg) => {
      for (const signature of ['', 'AAAA'])
        expect(await outcome(verifier(key), `${encode({ alg })}.${encode(CLAIMS)}.${signature}`)).toBe(
          'UNAUTHENTICATED',
        );
    });

    it('refuses every other algorithm, whatever signed it', async () => {
      for (const [other, [, otherSigner]] of Object.entries(kinds)) {
        if (other === algorithm) continue;
        expect(await outcome(verifier(key), await sign(CLAIMS, other, otherSigner))).toBe('UNAUTHENTICATED');
      }
    });
  });

  it('refuses a token signed with the public key as if that were a secret', async () => {
    const input = `${encode({ alg: 'HS256' })}.${encode(CLAIMS)}`;
    for (const bytes of [pem(rsa.publicKey), rsa.publicKey.export({ type: 'spki', format: 'der' })]) {
      const signature = createHmac('sha256', bytes).update(input).digest('base64url');
      expect(await outcome(verifier(rs256), `${input}.${signature}`)).toBe('UNAUTHENTICATED');
    }
  });

  it('takes no key that a token brings along', async () => {
    const jwk = await jose.exportJWK(otherRsa.publicKey);
    const token = await sign(CLAIMS, 'RS256', otherRsa.privateKey, { jwk, jku: 'https://evil.example' });
    expect(await outcome(verifier(rs256), token)).toBe('UNAUTHENTICATED');
  });

  it.each<[object, string[]]>([
    [{ scope: undefined }, []],
    [{ scope: 'embedding.readx embedding' }, []],
    [{ scope: 'embedding.read embedding.admin' }, ['embedding.read', 'embedding.admin']],
    [{ scope: undefined, scp: ['embedding.read'] }, ['embedding.read']],
    [{ scope: undefined, scp: 'embedding.admin' }, ['embedding.admin']],
    [{ scope: ['embedding.admin'] }, ['embedding.admin']],
    [{ scope: { 'embedding.admin': true } }, []],
  ])('reads the scopes of %j as %j', async (claims, scopes) => {
    const token = await sign({ ...CLAIMS, ...claims }, 'RS256', rsa.privateKey);
    expect(await outcome(verifier(rs256), token)).toEqual({ id: 'jwt:alice', scopes });
  });

  it('remembers a signature, never beyond the expiry, and forgets it with its key', async () => {
    let now = NOW;
    let key = rs256;
    const verifier = new TokenVerifier(
      jose,
      () => key,
      RULES,
      () => now,
    );
    const token = await sign(CLAIMS, 'RS256', rsa.privateKey);
    const principal = await verifier.verify(token);
    expect(verifier.verify(token)).toBe(principal);
    now = NOW + 71_000;
    expect(await outcome(verifier, token)).toBe('UNAUTHENTICATED');
    now = NOW - 3_600_000;
    expect(await outcome(verifier, token)).toEqual(principal);
    now = NOW;
    key = publicKey(pem(otherRsa.publicKey));
    verifier.forget();
    expect(await outcome(verifier, token)).toBe('UNAUTHENTICATED');
  });

  describe('with the keys of a URL', () => {
    let server: Server;
    let url: URL;
    let keys: object[] = [];
    let fetched = 0;
    const problems: unknown[] = [];
    const kid = async (key: KeyObject, id: string) => ({ ...(await jose.exportJWK(key)), kid: id });

    beforeAll(async () => {
      server = createServer((_request, response) => {
        fetched++;
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
    });
    afterAll(() => server.close());
    const open = () => verifier(remoteKeys(jose, url, (error) => problems.push(error)));

    it('takes RS256 and ES256 by the id of the key, and fetches once', async () => {
      keys = [await kid(rsa.publicKey, 'r'), await kid(ec.publicKey, 'e')];
      const verifier = open();
      const before = fetched;
      for (const [algorithm, key, id] of [
        ['RS256', rsa.privateKey, 'r'],
        ['ES256', ec.privateKey, 'e'],
      ] as const) {
        expect(await outcome(verifier, await sign(CLAIMS, algorithm, key, { kid: id }))).toMatchObject({
          id: 'jwt:alice',
        });
      }
      expect(fetched - before).toBe(1);
    });

    it('refuses an unknown key, another key under a known id, and HS256', async () => {
      keys = [await kid(rsa.publicKey, 'r'), { kty: 'oct', k: Buffer.from(SECRET).toString('base64url'), kid: 's' }];
      const verifier = open();
      for (const token of [
        await sign(CLAIMS, 'RS256', otherRsa.privateKey, { kid: 'x' }),
        await sign(CLAIMS, 'RS256', otherRsa.privateKey, { kid: 'r' }),
        await sign(CLAIMS, 'HS256', Buffer.from(SECRET), { kid: 's' }),
      ])
        expect(await outcome(verifier, token)).toBe('UNAUTHENTICATED');
      expect(problems).toEqual([]);
    });

    it('says that it cannot tell where their server does not answer', async () => {
      const gone = verifier(remoteKeys(jose, new URL('http://127.0.0.1:1/'), (error) => problems.push(error)));
      expect(await outcome(gone, await sign(CLAIMS, 'RS256', rsa.privateKey, { kid: 'r' }))).toBe(
        'BACKEND_UNAVAILABLE',
      );
      expect(problems).toHaveLength(1);
    });
  });
});

describe('verification keys', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  it.each<[string, () => unknown, string]>([
    ['a short secret', () => secretKey(Buffer.from('x'.repeat(31))), 'shorter than 32 bytes'],
    ['a public key as a secret', () => secretKey(pem(rsa.publicKey)), 'SUTRA_JWT_PUBLIC_KEY_FILE'],
    ['no PEM', () => publicKey(Buffer.from(SECRET)), 'no public key'],
    [
      'a private key',
      () => publicKey(Buffer.from(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }))),
      'private key',
    ],
    ['a weak RSA key', () => publicKey(pem(weak.publicKey)), '2048 bits'],
    ['another curve', () => publicKey(pem(curve.publicKey)), 'P-256'],
  ])('%s is refused at the start', (_name, make, message) => {
    expect(make).toThrow(message);
  });
});
