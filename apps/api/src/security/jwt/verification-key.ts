import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';

/** A key, and the one algorithm it is used with: what a token says of itself never chooses. */
export interface VerificationKey {
  readonly key: KeyObject;
  readonly algorithm: 'HS256' | 'RS256' | 'ES256';
}

/** RFC 7518, 3.2: a key as long as the hash. */
const LEAST_SECRET_BYTES = 32;
/** RFC 7518, 3.3. */
const LEAST_RSA_BITS = 2048;

/** @throws Error where it is too short, or is a key pair's */
export function secretKey(secret: Buffer): VerificationKey {
  const text = secret.toString('utf8').replace(/\r?\n$/, '');
  if (text.includes('-----BEGIN')) {
    throw new Error('it is a PEM key, which is public or half of a pair; set SUTRA_JWT_PUBLIC_KEY_FILE to it');
  }
  if (Buffer.byteLength(text) < LEAST_SECRET_BYTES) {
    throw new Error(`it is shorter than ${LEAST_SECRET_BYTES} bytes; make one with "openssl rand -base64 48"`);
  }
  return { key: createSecretKey(text, 'utf8'), algorithm: 'HS256' };
}

/** @throws Error where it is no public key for RS256 or ES256 */
export function publicKey(pem: Buffer): VerificationKey {
  if (pem.includes('PRIVATE KEY')) throw new Error('it holds a private key; give the server the public one only');
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw new Error('it is no public key or certificate in PEM');
  }
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') {
    if ((modulusLength ?? 0) < LEAST_RSA_BITS) throw new Error(`its RSA key has fewer than ${LEAST_RSA_BITS} bits`);
    return { key, algorithm: 'RS256' };
  }
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return { key, algorithm: 'ES256' };
  throw new Error('its key is neither RSA (RS256) nor on the curve P-256 (ES256)');
}
