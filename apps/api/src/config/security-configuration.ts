import { resolve } from 'node:path';
import { z } from 'zod';

const file = z.string().min(1).optional();
const onOff = z.enum(['on', 'off']);

/** Who may call, and over what. */
export const SECURITY_VARIABLES = {
  SUTRA_AUTH: onOff.default('on'),
  SUTRA_KEYS_FILE: file,
  SUTRA_JWT_ISSUER: z.string().min(1).optional(),
  SUTRA_JWT_AUDIENCE: z.string().min(1).optional(),
  SUTRA_JWT_SECRET: z.string().min(1).optional(),
  SUTRA_JWT_SECRET_FILE: file,
  SUTRA_JWT_PUBLIC_KEY_FILE: file,
  SUTRA_JWT_JWKS_URL: z.string().min(1).optional(),
  SUTRA_METRICS_AUTH: onOff.default('off'),
  SUTRA_TLS_CERT: file,
  SUTRA_TLS_KEY: file,
  SUTRA_TLS_CLIENT_CA: file,
};

export type JwtKey =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'secret-file'; readonly path: string }
  | { readonly kind: 'public-key-file'; readonly path: string }
  | { readonly kind: 'jwks'; readonly url: URL };

export interface JwtConfiguration {
  readonly issuer: string;
  readonly audience: string;
  readonly key: JwtKey;
}

export interface TlsConfiguration {
  readonly certFile: string;
  readonly keyFile: string;
  /** Clients must show a certificate that one of these signed; undefined: none is asked for. */
  readonly clientCaFile: string | undefined;
}

export interface SecurityConfiguration {
  /** Said aloud: whoever reaches the server may use it. */
  readonly off: boolean;
  readonly keysFile: string | undefined;
  readonly jwt: JwtConfiguration | undefined;
  readonly metricsAuth: boolean;
  readonly tls: TlsConfiguration | undefined;
}

/** Whether callers must show a key or a token. */
export function isGuarded({ keysFile, jwt }: SecurityConfiguration): boolean {
  return keysFile !== undefined || jwt !== undefined;
}

const JWT_KEYS = [
  'SUTRA_JWT_SECRET',
  'SUTRA_JWT_SECRET_FILE',
  'SUTRA_JWT_PUBLIC_KEY_FILE',
  'SUTRA_JWT_JWKS_URL',
] as const;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/;

/** @param values the variables that are set, as they are; what is wrong with each alone is said elsewhere */
export function readSecurity(values: Readonly<Record<string, string>>): {
  security: SecurityConfiguration;
  problems: string[];
} {
  const problems: string[] = [];
  const off = values['SUTRA_AUTH'] === 'off';
  const keysFile = values['SUTRA_KEYS_FILE'];
  const jwt = readJwt(values, problems);
  const configured = ['SUTRA_KEYS_FILE', ...JWT_KEYS].filter((name) => values[name] !== undefined);
  const metricsAuth = values['SUTRA_METRICS_AUTH'] === 'on';
  if (off && configured.length > 0)
    problems.push(`SUTRA_AUTH=off lets everybody in, and ${configured.join(', ')} says who may; take one of them out`);
  if (metricsAuth && configured.length === 0)
    problems.push('SUTRA_METRICS_AUTH=on needs keys or tokens to ask for: set SUTRA_KEYS_FILE or SUTRA_JWT_ variables');
  const host = values['SUTRA_HOST'] ?? '127.0.0.1';
  if (!LOOPBACK.test(host) && !off && configured.length === 0) {
    problems.push(
      `SUTRA_HOST=${host} listens beyond this machine without any key. Set SUTRA_KEYS_FILE or SUTRA_JWT_ variables to ` +
        'say who may call, or SUTRA_AUTH=off to say that everybody may, or listen on 127.0.0.1',
    );
  }
  return {
    security: { off, keysFile: keysFile && resolve(keysFile), jwt, metricsAuth, tls: readTls(values, problems) },
    problems,
  };
}

function readJwt(values: Readonly<Record<string, string>>, problems: string[]): JwtConfiguration | undefined {
  const given = JWT_KEYS.filter((name) => values[name] !== undefined);
  const { SUTRA_JWT_ISSUER: issuer, SUTRA_JWT_AUDIENCE: audience } = values;
  const [name] = given;
  if (name === undefined) {
    if (issuer !== undefined || audience !== undefined)
      problems.push(`SUTRA_JWT_ISSUER and SUTRA_JWT_AUDIENCE need a key to check tokens with: ${JWT_KEYS.join(', ')}`);
    return undefined;
  }
  if (given.length > 1) problems.push(`Only one of ${given.join(', ')} may be set`);
  for (const needed of ['SUTRA_JWT_ISSUER', 'SUTRA_JWT_AUDIENCE'])
    if (values[needed] === undefined) problems.push(`${name} needs ${needed}: a token for somebody else must not pass`);
  const key = jwtKey(name, values[name] ?? '', problems);
  if (!key || issuer === undefined || audience === undefined) return undefined;
  return { issuer, audience, key };
}

function jwtKey(name: (typeof JWT_KEYS)[number], value: string, problems: string[]): JwtKey | undefined {
  switch (name) {
    case 'SUTRA_JWT_SECRET':
      return { kind: 'secret', secret: value };
    case 'SUTRA_JWT_SECRET_FILE':
      return { kind: 'secret-file', path: resolve(value) };
    case 'SUTRA_JWT_PUBLIC_KEY_FILE':
      return { kind: 'public-key-file', path: resolve(value) };
    case 'SUTRA_JWT_JWKS_URL': {
      const url = URL.canParse(value) ? new URL(value) : undefined;
      if (url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname)))
        return { kind: 'jwks', url };
      problems.push('SUTRA_JWT_JWKS_URL must be an https URL: whoever can change the keys on their way can be anybody');
      return undefined;
    }
    default:
      return name satisfies never;
  }
}

function readTls(values: Readonly<Record<string, string>>, problems: string[]): TlsConfiguration | undefined {
  const { SUTRA_TLS_CERT: certFile, SUTRA_TLS_KEY: keyFile, SUTRA_TLS_CLIENT_CA: clientCaFile } = values;
  if (certFile !== undefined && keyFile !== undefined) {
    return {
      certFile: resolve(certFile),
      keyFile: resolve(keyFile),
      clientCaFile: clientCaFile && resolve(clientCaFile),
    };
  }
  if (certFile !== undefined || keyFile !== undefined || clientCaFile !== undefined)
    problems.push('TLS needs both SUTRA_TLS_CERT and SUTRA_TLS_KEY');
  return undefined;
}
