import { Logger } from '@nestjs/common';
import { ConfigurationError } from '../config/configuration';
import type { JwtConfiguration, SecurityConfiguration } from '../config/security-configuration';
import { LocalAuthenticator, type Authenticator } from './authenticator';
import { ConfiguredAuthenticator } from './configured-authenticator';
import { remoteKeys } from './jwt/remote-keys';
import { TokenVerifier } from './jwt/token-verifier';
import { publicKey, secretKey, type VerificationKey } from './jwt/verification-key';
import { parseKeyFile } from './keys/key-file';
import { KeyRing } from './keys/key-ring';
import { reasonOf, WatchedFiles } from './watched-files';

export interface OpenedAuthenticator {
  readonly authenticator: Authenticator;
  close(): void;
}

/**
 * Reads what the configuration names, and watches it.
 * @throws ConfigurationError where a file cannot be used
 */
export async function createAuthenticator({ off, keysFile, jwt }: SecurityConfiguration): Promise<OpenedAuthenticator> {
  const logger = new Logger('Authenticator');
  if (!keysFile && !jwt) {
    if (off) {
      logger.warn(
        'SUTRA_AUTH=off: everybody who can reach this server may use all of it, downloads and GET /v1/system included',
      );
    }
    return { authenticator: new LocalAuthenticator(), close: () => undefined };
  }
  const files: { close(): void }[] = [];
  const keys = keysFile === undefined ? undefined : openKeys(keysFile, logger);
  if (keys) files.push(keys);
  const tokens = jwt && (await openTokens(jwt, logger, files));
  return {
    authenticator: new ConfiguredAuthenticator(keys && (() => keys.value), tokens),
    close: () => files.forEach((file) => file.close()),
  };
}

function openKeys(path: string, logger: Logger): WatchedFiles<KeyRing> {
  const tell = (ring: KeyRing) => {
    const usable = ring.usable(Date.now());
    const message = `SUTRA_KEYS_FILE: ${usable} usable key(s)`;
    if (usable > 0) logger.log(message);
    else logger.warn(`${message}: nobody gets in by a key; make one with "npm run keys -- create --scope read"`);
  };
  const file = watch(
    'SUTRA_KEYS_FILE',
    path,
    (text) => new KeyRing(parseKeyFile(text.toString('utf8'))),
    logger,
    () => tell(file.value),
  );
  tell(file.value);
  return file;
}

async function openTokens(
  { key, issuer, audience }: JwtConfiguration,
  logger: Logger,
  files: { close(): void }[],
): Promise<TokenVerifier> {
  // Loaded only where tokens are used.
  const jose = await import('jose');
  const rules = { issuer, audience };
  switch (key.kind) {
    case 'jwks': {
      const set = remoteKeys(jose, key.url, (error) => logger.warn(`SUTRA_JWT_JWKS_URL: ${reasonOf(error)}`));
      return new TokenVerifier(jose, () => set, rules);
    }
    case 'secret': {
      const secret = usable('SUTRA_JWT_SECRET', () => secretKey(Buffer.from(key.secret)));
      return new TokenVerifier(jose, () => secret, rules);
    }
    case 'secret-file':
    case 'public-key-file': {
      const [variable, read] =
        key.kind === 'secret-file'
          ? (['SUTRA_JWT_SECRET_FILE', secretKey] as const)
          : (['SUTRA_JWT_PUBLIC_KEY_FILE', publicKey] as const);
      const file: WatchedFiles<VerificationKey> = watch(variable, key.path, read, logger, () => {
        verifier.forget();
        logger.log(`${variable}: read again`);
      });
      files.push(file);
      const verifier = new TokenVerifier(jose, () => file.value, rules);
      return verifier;
    }
    default:
      return key satisfies never;
  }
}

function watch<T>(
  variable: string,
  path: string,
  read: (content: Buffer) => T,
  logger: Logger,
  onChange: () => void,
): WatchedFiles<T> {
  const onProblem = (reason: string) => logger.error(`${variable}: ${reason}; what was read before stays in force`);
  return usable(
    variable,
    () => new WatchedFiles([path], ([content]) => read(content as Buffer), { onChange, onProblem }),
  );
}

function usable<T>(variable: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ConfigurationError([`${variable}: ${reasonOf(error)}`]);
  }
}
