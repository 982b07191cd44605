import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { readKeyFile, writeKeyFile } from '../../apps/api/src/security/keys/key-file';
import { createKey, revokeKey } from '../../apps/api/src/security/keys/manage-keys';

const ISSUER = 'https://issuer.example';
const AUDIENCE = 'embedder';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PUBLIC_PEM = rsa.publicKey.export({ type: 'spki', format: 'pem' });
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Keys and tokens, good and bad, and the environment of a server that knows the good ones. */
export class Callers {
  private readonly folder = mkdtempSync(join(tmpdir(), 'callers-'));
  readonly keysFile = join(this.folder, 'keys.json');
  readonly read = this.addKey('read');
  readonly write = this.addKey('write');
  readonly admin = this.addKey('admin');
  private readonly publicKeyFile = join(this.folder, 'issuer.pem');
  readonly environment: Readonly<Record<string, string>> = {
    SUTRA_KEYS_FILE: this.keysFile,
    SUTRA_JWT_PUBLIC_KEY_FILE: this.publicKeyFile,
    SUTRA_JWT_ISSUER: ISSUER,
    SUTRA_JWT_AUDIENCE: AUDIENCE,
    SUTRA_METRICS_AUTH: 'on',
  };

  constructor() {
    writeFileSync(this.publicKeyFile, PUBLIC_PEM);
  }

  addKey(scope: string, now = new Date(), expires?: string): string {
    const { key, record } = createKey({ scope, expires }, now);
    writeKeyFile(this.keysFile, [...readKeyFile(this.keysFile), record]);
    return key;
  }

  revoke(key: string): void {
    const id = key.split('_')[1] as string;
    writeKeyFile(this.keysFile, revokeKey(readKeyFile(this.keysFile), id, new Date()));
  }

  token(claims: object = {}, header: object = {}): Promise<string> {
    return new SignJWT({ ...this.claims(), ...claims })
      .setProtectedHeader({ alg: 'RS256', ...header })
      .sign(rsa.privateKey);
  }

  /** Everything that must not let anybody in, by what is wrong with it. */
  async bad(): Promise<Record<string, string>> {
    const second = Math.floor(Date.now() / 1000);
    const revoked = this.addKey('admin');
    this.revoke(revoked);
    const good = await this.token();
    const [header, , signature] = good.split('.');
    const admin = encode({ ...this.claims(), scope: 'embedding.admin' });
    const asSecret = `${encode({ alg: 'HS256' })}.${admin}`;
    return {
      'a key nobody made': `sutra_0123456789abcdef_${'A'.repeat(43)}`,
      'a guess at the secret of a known key': this.read.slice(0, -43) + 'A'.repeat(43),
      'the id of a known key': this.read.slice(0, -44),
      'a known key with something behind it': `${this.read}A`,
      'a revoked key': revoked,
      'an expired key': this.addKey('admin', new Date(Date.now() - 2 * 86_400_000), '1d'),
      'an expired token': await this.token({ exp: second - 60 }),
      'a token that is not valid yet': await this.token({ nbf: second + 60 }),
      'a token of another issuer': await this.token({ iss: 'https://other.example' }),
      'a token for another audience': await this.token({ aud: 'other' }),
      'a token that was touched': `${header}.${admin}.${signature}`,
      'a token without algorithm': `${encode({ alg: 'none' })}.${admin}.`,
      'a token signed with the public key as a secret': `${asSecret}.${createHmac('sha256', PUBLIC_PEM).update(asSecret).digest('base64url')}`,
      'neither key nor token': 'letmein',
    };
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true });
  }

  private claims(): object {
    return {
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'alice',
      scope: 'embedding.read',
      exp: Math.floor(Date.now() / 1000) + 600,
    };
  }
}
